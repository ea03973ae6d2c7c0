/** Changes of state of a server, newest first, and the last words of one that runs as a command. */
import { useQuery } from "@tanstack/react-query"
import { may, useMe } from "@/api/me"
import { errorState } from "@/api/pages"
import type { HealthRow, ServerView } from "@/api/shapes"
import { duration } from "@/lib/time"
import { Card } from "@/ui/card"
import { CopyButton } from "@/ui/copy"
import { ServerStateLabel } from "@/ui/server-state"
import { EmptyState } from "@/ui/states"
import { type Column, DataTable } from "@/ui/table"
import { Time } from "@/ui/time"
import { healthQuery, stderrQuery } from "./queries"

export function HealthTab({ server }: { server: ServerView }) {
  const query = useQuery(healthQuery(server.server_id))
  const manage = may(useMe(), "servers.manage")
  return (
    <div className="flex flex-col gap-4">
      <div className="rounded border bg-surface">
        <DataTable
          label="Changes of state"
          rows={query.data?.items}
          columns={columns}
          rowKey={(row) => row.at}
          error={errorState(query)}
          empty={
            <EmptyState title="No change yet" words="Every change of state is kept here with its reason." />
          }
        />
      </div>
      {server.transport === "stdio" && manage && <Stderr server_id={server.server_id} />}
    </div>
  )
}

function Stderr({ server_id }: { server_id: string }) {
  const { data } = useQuery(stderrQuery(server_id))
  const text = data?.text ?? ""
  return (
    <Card
      title="Standard error"
      words="The last words of the process."
      actions={text && <CopyButton value={text} label="Copy standard error" />}
    >
      {text ? (
        <pre className="max-h-96 overflow-auto whitespace-pre-wrap break-words rounded border bg-sunken p-3 text-xs leading-5">
          {text}
        </pre>
      ) : (
        <p className="text-fg-3">It has said nothing.</p>
      )}
    </Card>
  )
}

/** A phone has no room for a column of reasons: they stand below. */
function State({ row }: { row: HealthRow }) {
  return (
    <span className="flex flex-col items-start gap-0.5 py-1">
      <ServerStateLabel state={row.state} />
      {row.reason && <span className="break-words text-fg-2 text-xs sm:hidden">{row.reason}</span>}
    </span>
  )
}

const columns: Column<HealthRow>[] = [
  { key: "at", title: "When", width: "132px", cell: (row) => <Time at={row.at} className="text-fg-2" /> },
  { key: "state", title: "State", width: "132px", cell: (row) => <State row={row} /> },
  {
    key: "reason",
    title: "Reason",
    from: "sm",
    cell: (row) => <span className="break-words text-fg-2">{row.reason ?? "\u2013"}</span>,
  },
  {
    key: "latency",
    title: "Latency",
    width: "88px",
    align: "right",
    from: "sm",
    cell: (row) => (
      <span className="tabular text-fg-2">
        {row.latency_ms === null ? "\u2013" : duration(row.latency_ms)}
      </span>
    ),
  },
]
