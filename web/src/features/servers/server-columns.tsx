/** What the list of servers shows of each: state and reason first, then the figures of today. */
import { PlugZap, ShieldAlert } from "lucide-react"
import type { ServerView } from "@/api/shapes"
import { count } from "@/lib/format"
import { duration } from "@/lib/time"
import { Badge } from "@/ui/badge"
import { ServerStateLabel } from "@/ui/server-state"
import type { Column } from "@/ui/table"
import { Time } from "@/ui/time"

export const columns: Column<ServerView>[] = [
  {
    key: "title",
    title: "Server",
    fills: true,
    sort: (server) => server.title,
    cell: (server) => (
      <span className="flex max-w-32 items-center gap-2 sm:max-w-52 lg:max-w-56 xl:max-w-full">
        <span title={server.title} className="min-w-0 truncate font-medium">
          {server.title}
        </span>
        <code className="max-w-28 shrink-0 truncate text-fg-3 text-xs max-sm:hidden">{server.slug}</code>
        {server.demo && <Badge tone="info">Demo</Badge>}
      </span>
    ),
  },
  {
    key: "state",
    title: "State",
    width: "28%",
    sort: (server) => server.state,
    cell: (server) => <StateCell server={server} />,
  },
  {
    key: "tools",
    title: "Tools",
    width: "76px",
    align: "right",
    from: "lg",
    sort: (server) => server.tool_count,
    cell: (server) => <Figure words={count(server.tool_count)} />,
  },
  {
    key: "calls",
    title: "Calls today",
    width: "96px",
    align: "right",
    from: "lg",
    sort: (server) => server.calls_today,
    cell: (server) => <Figure words={count(server.calls_today)} />,
  },
  {
    key: "errors",
    title: "Errors",
    width: "80px",
    align: "right",
    from: "lg",
    sort: (server) => errorRate(server),
    cell: (server) => (
      <Figure
        words={errorWords(server)}
        className={server.errors_today > 0 ? "font-medium text-bad" : undefined}
      />
    ),
  },
  latency("p50", "p50", (server) => server.p50_ms),
  latency("p95", "p95", (server) => server.p95_ms),
  {
    key: "checked",
    title: "Checked",
    width: "116px",
    from: "xl",
    sort: (server) => server.checked_at,
    cell: (server) => <Time at={server.checked_at} className="text-fg-2" />,
  },
]

function StateCell({ server }: { server: ServerView }) {
  return (
    <span className="flex min-w-0 flex-col items-start gap-0.5 py-1">
      <span className="flex flex-wrap items-center gap-x-2 gap-y-0.5">
        <ServerStateLabel state={server.state} />
        <Breaker server={server} />
        {server.held_count > 0 && (
          <Badge tone="warn" icon={ShieldAlert} title="Changed tool definitions wait for a decision">
            {server.held_count}
            <span className="max-sm:sr-only">held</span>
          </Badge>
        )}
      </span>
      {server.reason && (
        <span title={server.reason} className="max-w-40 truncate text-fg-2 text-xs sm:max-w-64 xl:max-w-80">
          {server.reason}
        </span>
      )}
    </span>
  )
}

/** Shown only while calls are not simply let through. */
export function Breaker({ server }: { server: ServerView }) {
  if (server.breaker === "open")
    return (
      <Badge tone="bad" icon={PlugZap} title="It failed again and again: calls fail at once until it answers">
        Breaker open
      </Badge>
    )
  if (server.breaker === "half_open")
    return (
      <Badge tone="warn" icon={PlugZap} title="One call is let through to see whether it answers">
        Breaker trying
      </Badge>
    )
  return null
}

/** Of a hundred calls, the ones that the server failed; null without calls. */
export function errorRate(server: ServerView): number | null {
  return server.calls_today === 0 ? null : (100 * server.errors_today) / server.calls_today
}

export function errorWords(server: ServerView): string {
  const rate = errorRate(server)
  if (rate === null) return "\u2013"
  return `${rate.toFixed(rate > 0 && rate < 10 ? 1 : 0)} %`
}

function Figure({ words, className }: { words: string; className?: string }) {
  return <span className={`tabular ${className ?? "text-fg-2"}`}>{words}</span>
}

function latency(key: string, title: string, of: (server: ServerView) => number | null): Column<ServerView> {
  return {
    key,
    title,
    width: "80px",
    align: "right",
    from: "xl",
    sort: of,
    cell: (server) => {
      const value = of(server)
      return <Figure words={value === null ? "\u2013" : duration(value)} />
    },
  }
}
