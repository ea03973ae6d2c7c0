/** The page of a person, with what other features show of them. */
import { useNavigate } from "@tanstack/react-router"
import { MessageSquare } from "lucide-react"
import { GrantsCard } from "@/features/access/grants-card"
import { FlowTable } from "@/features/flows/flow-table"
import { PersonPage } from "@/features/people/person-page"
import { ExportMenu } from "@/ui/export-menu"
import { EmptyState } from "@/ui/states"

export function Person() {
  return (
    <PersonPage
      flows={(user_id) => <FlowsOf user_id={user_id} />}
      grants={(user) => <GrantsCard person={user} title="Grants of their own" />}
    />
  )
}

function FlowsOf({ user_id }: { user_id: string }) {
  const navigate = useNavigate()
  return (
    <div className="flex flex-col items-end gap-2">
      <ExportMenu what="their flows" query={{ user: user_id }} />
      <div className="w-full rounded border bg-surface">
        <FlowTable
          ofOne
          filter={{ user: user_id }}
          onOpen={(flow) => void navigate({ to: "/admin/flows/$id", params: { id: flow.flow_id } })}
          empty={
            <EmptyState
              icon={MessageSquare}
              title="No flow yet"
              words="Whatever they ask in chat or call through MCP will be listed here."
            />
          }
        />
      </div>
    </div>
  )
}
