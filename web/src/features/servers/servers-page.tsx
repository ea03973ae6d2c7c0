/** All MCP servers: state and reason first, one action each. */
import { useQuery } from "@tanstack/react-query"
import { getRouteApi, useNavigate } from "@tanstack/react-router"
import { Plug, Plus, Trash2 } from "lucide-react"
import { useState } from "react"
import { may, useMe } from "@/api/me"
import { errorState } from "@/api/pages"
import { serversQuery } from "@/api/servers"
import type { ServerView } from "@/api/shapes"
import { plural } from "@/lib/format"
import { Button } from "@/ui/button"
import { ConfirmDialog } from "@/ui/dialog"
import { Page } from "@/ui/page"
import { Peek } from "@/ui/peek"
import { EmptyState } from "@/ui/states"
import { DataTable } from "@/ui/table"
import { AddServerDialog } from "./add-dialog"
import { useRemoveDemo } from "./queries"
import { columns } from "./server-columns"
import { ServerPeek } from "./server-peek"
import { ServerViews } from "./server-views"

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
      bar={<ServerViews value="servers" />}
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
