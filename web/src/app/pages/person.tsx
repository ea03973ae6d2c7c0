/** The page of a person, with what other features show of them. */
import { Link, useNavigate } from "@tanstack/react-router"
import { GitCompareArrows, MessageSquare } from "lucide-react"
import { GrantsCard } from "@/features/access/grants-card"
import { FlowTable } from "@/features/flows/flow-table"
import { PersonPage } from "@/features/people/person-page"
import { buttonStyle } from "@/ui/button"
import { ExportMenu } from "@/ui/export-menu"
import { Icon } from "@/ui/icon"
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
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap justify-end gap-2">
        <Link to="/admin/compare" search={{ a: user_id }} className={buttonStyle()}>
          <Icon of={GitCompareArrows} />
          Compare with somebody
        </Link>
        <ExportMenu what="the flows of this person" query={{ user: user_id }} />
      </div>
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
