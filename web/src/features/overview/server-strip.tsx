/** All servers side by side: state and reason first. */
import { Link } from "@tanstack/react-router"
import type { ServerView } from "@/api/shapes"
import { plural } from "@/lib/format"
import { duration } from "@/lib/time"
import { buttonStyle } from "@/ui/button"
import { Card } from "@/ui/card"
import { ServerStateLabel } from "@/ui/server-state"

const order = { down: 0, sign_in_needed: 1, connecting: 2, connected: 3, disabled: 4 }

export function ServerStrip({ servers }: { servers: readonly ServerView[] }) {
  const sorted = servers.toSorted((a, b) => order[a.state] - order[b.state])
  const up = servers.filter((server) => server.state === "connected").length
  return (
    <Card title="Servers" words={servers.length > 0 ? `${up} of ${servers.length} connected` : undefined}>
      {servers.length === 0 ? (
        <div className="flex flex-wrap items-center gap-3">
          <p className="text-fg-2">No server is connected yet, so chat answers without tools.</p>
          <Link to="/admin/servers" search={{ add: true }} className={buttonStyle({ variant: "secondary" })}>
            Add server
          </Link>
        </div>
      ) : (
        <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,240px),1fr))] gap-2">
          {sorted.map((server) => (
            <li key={server.server_id}>
              <ServerTile server={server} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}

function ServerTile({ server }: { server: ServerView }) {
  return (
    <Link
      to="/admin/servers/$id"
      params={{ id: server.server_id }}
      className="flex h-full flex-col gap-1 rounded border px-3 py-2 transition-colors hover:border-border-strong"
    >
      <span className="flex items-center justify-between gap-3">
        <span className="truncate font-medium">{server.title}</span>
        <ServerStateLabel state={server.state} className="text-xs" />
      </span>
      {server.reason && <span className="line-clamp-2 text-fg-2 text-xs">{server.reason}</span>}
      <span className="tabular flex flex-wrap gap-x-3 text-fg-3 text-xs">
        {server.latency_ms !== null && <span>answers in {duration(server.latency_ms)}</span>}
        <span>{plural(server.calls_today, "call")} today</span>
        {server.errors_today > 0 && <span className="text-bad">{plural(server.errors_today, "error")}</span>}
      </span>
    </Link>
  )
}
