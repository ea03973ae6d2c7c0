/** All MCP servers: state and reason first, one action each. */
import { useQuery } from "@tanstack/react-query"
import { getRouteApi, useNavigate } from "@tanstack/react-router"
import { Plug, Plus, Trash2 } from "lucide-react"
import { useState } from "react"
import { may, useMe } from "@/api/me"
import { errorState } from "@/api/pages"
import { serversQuery } from "@/api/servers"
import type { ServerView } from "@/api/shapes"
import { count, plural } from "@/lib/format"
import { duration } from "@/lib/time"
import { Badge } from "@/ui/badge"
import { Button } from "@/ui/button"
import { ConfirmDialog } from "@/ui/dialog"
import { Page } from "@/ui/page"
import { Peek } from "@/ui/peek"
import { ServerStateLabel } from "@/ui/server-state"
import { EmptyState } from "@/ui/states"
import { type Column, DataTable } from "@/ui/table"
import { Time } from "@/ui/time"
import { AddServerDialog } from "./add-dialog"
import { useRemoveDemo } from "./queries"
import { ServerPeek } from "./server-peek"

const route = getRouteApi("/shell/admin/servers")

export function ServersPage() {
  const { add, peek } = route.useSearch()
  const navigate = useNavigate({ from: "/admin/servers" })
  const query = useQuery(serversQuery)
  const manage = may(useMe(), "servers.manage")
  const look = (id: string | undefined) => void navigate({ search: { peek: id }, replace: true })
  const openPage = (id: string) => void navigate({ to: "/admin/servers/$id", params: { id } })
  const adding = (on: boolean) => void navigate({ search: on ? { add: true } : {}, replace: true })
  const addButton = (
    <Button variant="primary" icon={Plus} onClick={() => adding(true)}>
      Add server
    </Button>
  )
  return (
    <Page
      title="Servers"
      words="The MCP servers of your organisation. A server counts as connected only when it answered."
      actions={manage && addButton}
    >
      {manage && query.data?.some((server) => server.demo) && <DemoBar servers={query.data} />}
      <div className="rounded border bg-surface">
        <DataTable
          label="Servers"
          rows={query.data}
          columns={columns}
          rowKey={(server) => server.server_id}
          error={errorState(query)}
          onOpen={({ server_id }) => (server_id === peek ? openPage(server_id) : look(server_id))}
          active={peek ?? null}
          onActive={({ server_id }) => peek && look(server_id)}
          empty={
            <EmptyState
              icon={Plug}
              title="No server yet"
              words="Add one by its URL or by a command. omni2 asks it for its tools before it saves anything."
            >
              {manage && addButton}
            </EmptyState>
          }
        />
      </div>
      {peek && (
        <Peek label="Server" title="Server" onClose={() => look(undefined)} onOpen={() => openPage(peek)}>
          <ServerPeek key={peek} server_id={peek} />
        </Peek>
      )}
      {add && manage && <AddServerDialog onClose={() => adding(false)} />}
    </Page>
  )
}

function DemoBar({ servers }: { servers: readonly ServerView[] }) {
  const [asking, setAsking] = useState(false)
  const remove = useRemoveDemo()
  const demo = servers.filter((server) => server.demo)
  const names = demo.map((server) => server.title).join(", ")
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded border bg-info-soft px-3 py-2">
      <p className="min-w-0 flex-1 basis-64">
        <span className="font-medium">{plural(demo.length, "demo server")}</span>{" "}
        <span className="text-fg-2">with made-up data, so that there is something to try: {names}.</span>
      </p>
      <Button icon={Trash2} onClick={() => setAsking(true)}>
        Remove demo
      </Button>
      {asking && (
        <ConfirmDialog
          open
          onOpen={setAsking}
          title="Remove demo"
          words={`Removes ${names} with their tools and grants, and the demo model if a real one is there. Flows that used them stay.`}
          verb="Remove demo"
          onConfirm={() =>
            remove.mutateAsync().then(
              () => setAsking(false),
              () => undefined,
            )
          }
        />
      )}
    </div>
  )
}

const columns: Column<ServerView>[] = [
  {
    key: "title",
    title: "Server",
    sort: (server) => server.title,
    cell: (server) => (
      <span className="flex min-w-36 items-center gap-2">
        <span className="truncate font-medium">{server.title}</span>
        <code className="truncate text-fg-3 text-xs max-sm:hidden">{server.slug}</code>
        {server.demo && <Badge tone="info">Demo</Badge>}
      </span>
    ),
  },
  {
    key: "state",
    title: "State",
    width: "30%",
    sort: (server) => server.state,
    cell: (server) => (
      <span className="flex min-w-0 items-center gap-2">
        <ServerStateLabel state={server.state} />
        {server.reason && (
          <span title={server.reason} className="max-w-80 truncate text-fg-2 text-xs max-md:hidden">
            {server.reason}
          </span>
        )}
      </span>
    ),
  },
  {
    key: "latency",
    title: "Latency",
    width: "84px",
    align: "right",
    from: "md",
    sort: (server) => server.latency_ms,
    cell: (server) => (
      <span className="tabular text-fg-2">
        {server.latency_ms === null ? "\u2013" : duration(server.latency_ms)}
      </span>
    ),
  },
  figure("tools", "Tools", (server) => server.tool_count),
  figure("calls", "Calls today", (server) => server.calls_today),
  {
    key: "errors",
    title: "Errors today",
    width: "104px",
    align: "right",
    from: "lg",
    sort: (server) => server.errors_today,
    cell: (server) => (
      <span className={server.errors_today > 0 ? "tabular font-medium text-bad" : "tabular text-fg-2"}>
        {count(server.errors_today)}
      </span>
    ),
  },
  {
    key: "checked",
    title: "Checked",
    width: "116px",
    from: "lg",
    sort: (server) => server.checked_at,
    cell: (server) => <Time at={server.checked_at} className="text-fg-2" />,
  },
]

function figure(key: string, title: string, of: (server: ServerView) => number): Column<ServerView> {
  return {
    key,
    title,
    width: "96px",
    align: "right",
    from: "md",
    sort: of,
    cell: (server) => <span className="tabular text-fg-2">{count(of(server))}</span>,
  }
}
