/** How a server is doing, how it is reached, and what can be done at once. */
import { Link } from "@tanstack/react-router"
import { RefreshCw } from "lucide-react"
import { may, useMe } from "@/api/me"
import { asProblem, problemWords } from "@/api/problem"
import type { ServerView } from "@/api/shapes"
import { plural } from "@/lib/format"
import { duration } from "@/lib/time"
import { Badge } from "@/ui/badge"
import { Button } from "@/ui/button"
import { LinkedWords } from "@/ui/linked-words"
import { ServerStateLabel } from "@/ui/server-state"
import { Time } from "@/ui/time"
import { toast } from "@/ui/toast"
import { commandLine } from "./draft"
import { useChangeServer, useRefreshServer } from "./queries"
import { Breaker, errorWords } from "./server-columns"

export function ServerHead({ server }: { server: ServerView }) {
  const refresh = useRefreshServer(server.server_id)
  const change = useChangeServer(server.server_id)
  const manage = may(useMe(), "servers.manage")
  return (
    <header className="flex flex-wrap items-start gap-x-4 gap-y-3">
      <div className="min-w-0 flex-1 basis-72">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h1 className="min-w-0 break-words font-semibold text-xl tracking-tight">{server.title}</h1>
          <ServerStateLabel state={server.state} />
          <Breaker server={server} />
          {server.demo && <Badge tone="info">Demo</Badge>}
        </div>
        {server.reason && (
          <p className="mt-1 max-w-[80ch] break-words text-fg-2">
            <LinkedWords words={server.reason} />
            {server.state === "down" && server.transport === "stdio" && manage && (
              <>
                {" "}
                <Link
                  to="/admin/servers/$id"
                  params={{ id: server.server_id }}
                  search={{ tab: "health" }}
                  className="text-accent-text underline underline-offset-2"
                >
                  What it said last
                </Link>
              </>
            )}
          </p>
        )}
        <p className="tabular mt-1 flex flex-wrap gap-x-4 gap-y-0.5 text-fg-2">
          <code className="max-w-full truncate text-xs leading-5">
            {server.url ?? commandLine(server.command ?? [])}
          </code>
          {server.latency_ms !== null && <span>answers in {duration(server.latency_ms)}</span>}
          {server.revision && <span>MCP {server.revision}</span>}
          <span>{plural(server.calls_today, "call")} today</span>
          <span className={server.errors_today > 0 ? "text-bad" : undefined}>
            {plural(server.errors_today, "error")} today
            {server.errors_today > 0 && ` (${errorWords(server)})`}
          </span>
          {server.p50_ms !== null && server.p95_ms !== null && (
            <span>
              p50 {duration(server.p50_ms)}, p95 {duration(server.p95_ms)}
            </span>
          )}
          <span>
            checked <Time at={server.checked_at} />
          </span>
        </p>
      </div>
      {manage && (
        <div className="flex flex-wrap gap-2">
          <Button icon={RefreshCw} busy={refresh.isPending} onClick={() => refresh.mutate()}>
            Check now
          </Button>
          <Button
            busy={change.isPending}
            onClick={() => change.mutate({ enabled: !server.enabled }, { onError: notSwitched })}
          >
            {server.enabled ? "Disable" : "Enable"}
          </Button>
        </div>
      )}
    </header>
  )
}

function notSwitched(thrown: Error) {
  toast.failed("The server was not switched", problemWords(asProblem(thrown)))
}
