/** Programs that one signed in with: who they are, last use, and the way to end it. */
import { useQuery } from "@tanstack/react-query"
import { BadgeCheck, Cable } from "lucide-react"
import { useState } from "react"
import { errorState } from "@/api/pages"
import type { ConsentView } from "@/api/types"
import { Button } from "@/ui/button"
import { Card } from "@/ui/card"
import { ConfirmDialog } from "@/ui/dialog"
import { Icon } from "@/ui/icon"
import { EmptyState } from "@/ui/states"
import { type Column, DataTable } from "@/ui/table"
import { Time } from "@/ui/time"
import { consentsQuery, useDisconnect } from "./queries"

const columns: Column<ConsentView>[] = [
  {
    key: "name",
    title: "Program",
    cell: (one) => (
      <span className="flex min-w-0 flex-col py-1.5">
        <span className="truncate font-medium">{one.client_name}</span>
        <span className="flex items-center gap-1 truncate text-fg-3 text-xs">
          {one.client_host && <Icon of={BadgeCheck} size={12} />}
          {one.client_host ?? "registered by itself"}
        </span>
      </span>
    ),
  },
  {
    key: "used",
    title: "Last used",
    width: "140px",
    cell: (one) => <Time at={one.last_used_at} />,
  },
  {
    key: "given",
    title: "Allowed",
    from: "sm",
    width: "140px",
    cell: (one) => <Time at={one.given_at} />,
  },
  {
    key: "end",
    title: "",
    align: "right",
    width: "112px",
    cell: (one) => <DisconnectButton program={one} />,
  },
]

export function ProgramsCard() {
  const query = useQuery(consentsQuery)
  return (
    <Card
      title="Connected programs"
      words="What you signed in with. Each may use your tools until you disconnect it."
      flush
    >
      <DataTable
        label="Connected programs"
        rows={query.data?.items}
        columns={columns}
        rowKey={(one) => one.consent_id}
        error={errorState(query)}
        empty={
          <EmptyState
            icon={Cable}
            title="No program yet"
            words="A program appears here once you signed in with it. Set one up above."
            className="py-8"
          />
        }
      />
    </Card>
  )
}

function DisconnectButton({ program }: { program: ConsentView }) {
  const [asking, setAsking] = useState(false)
  const disconnect = useDisconnect()
  const confirm = () =>
    disconnect.mutateAsync(program.consent_id).then(
      () => setAsking(false),
      () => setAsking(false),
    )
  return (
    <>
      <Button size="sm" variant="quiet" onClick={() => setAsking(true)}>
        Disconnect
      </Button>
      {asking && (
        <ConfirmDialog
          open
          onOpen={setAsking}
          title={`Disconnect ${program.client_name}?`}
          words="Its tokens end at once. To use it again, sign in with it again."
          verb="Disconnect"
          onConfirm={confirm}
        />
      )}
    </>
  )
}
