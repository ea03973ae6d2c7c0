/** Where I am signed in; each session can be ended, or all others at once. */
import { useQuery } from "@tanstack/react-query"
import { LogOut, Monitor } from "lucide-react"
import { errorState } from "@/api/pages"
import type { SessionView } from "@/api/types"
import { plural } from "@/lib/format"
import { Badge } from "@/ui/badge"
import { Button } from "@/ui/button"
import { Card } from "@/ui/card"
import { EmptyState } from "@/ui/states"
import { type Column, DataTable } from "@/ui/table"
import { Time } from "@/ui/time"
import { clientName } from "./client-name"
import { sessionsQuery, useEndOtherSessions, useEndSession } from "./queries"

const columns: Column<SessionView>[] = [
  {
    key: "client",
    title: "Signed in with",
    cell: (session) => (
      <span className="flex items-center gap-2">
        <span title={session.client} className="truncate">
          {clientName(session.client)}
        </span>
        {session.current && <Badge tone="accent">This one</Badge>}
      </span>
    ),
  },
  {
    key: "address",
    title: "Address",
    from: "sm",
    cell: (session) => <code className="text-fg-2 text-xs">{session.address}</code>,
  },
  {
    key: "created",
    title: "Since",
    from: "sm",
    width: "140px",
    cell: (session) => <Time at={session.created_at} />,
  },
  { key: "seen", title: "Last seen", width: "130px", cell: (session) => <Time at={session.last_seen_at} /> },
  {
    key: "end",
    title: "",
    align: "right",
    width: "88px",
    cell: (session) => (session.current ? null : <EndButton session={session} />),
  },
]

export function SessionsCard() {
  const query = useQuery(sessionsQuery)
  const endOthers = useEndOtherSessions()
  const others = query.data?.items.filter((session) => !session.current).length ?? 0
  return (
    <Card
      title="Sessions"
      flush
      actions={
        others > 0 && (
          <Button
            size="sm"
            icon={LogOut}
            busy={endOthers.isPending}
            onClick={() => endOthers.mutate(undefined)}
          >
            End {plural(others, "other session")}
          </Button>
        )
      }
    >
      <DataTable
        label="Sessions"
        rows={query.data?.items}
        columns={columns}
        rowKey={(session) => session.session_id}
        error={errorState(query)}
        empty={<EmptyState icon={Monitor} title="No session" />}
      />
    </Card>
  )
}

function EndButton({ session }: { session: SessionView }) {
  const end = useEndSession()
  return (
    <Button size="sm" variant="quiet" busy={end.isPending} onClick={() => end.mutate(session.session_id)}>
      End
    </Button>
  )
}
