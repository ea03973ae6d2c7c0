/** Effective access: each server and tool with the rule that decided, and why in words. */
import { useQuery } from "@tanstack/react-query"
import { Check, ChevronRight, Plug, X } from "lucide-react"
import { useState } from "react"
import { errorState } from "@/api/pages"
import type { ServerAccess, ToolAccess } from "@/api/shapes"
import type { UserRow } from "@/api/types"
import { plural } from "@/lib/format"
import { Badge } from "@/ui/badge"
import { Card } from "@/ui/card"
import { cn } from "@/ui/cn"
import { Icon } from "@/ui/icon"
import { ServerStateLabel } from "@/ui/server-state"
import { EmptyState, ErrorState, Skeleton } from "@/ui/states"
import { accessQuery } from "./queries"

export function AccessTab({ user }: { user: UserRow }) {
  const query = useQuery(accessQuery(user.user_id))
  const error = errorState(query)
  const name = user.name || user.email
  return (
    <Card title="Effective access" words="What holds right now, in chat and MCP alike." flush>
      {query.data ? (
        query.data.servers.length > 0 ? (
          <ul className="divide-y">
            {query.data.servers.map((server) => (
              <ServerLine key={server.server_id} server={server} name={name} />
            ))}
          </ul>
        ) : (
          <EmptyState
            icon={Plug}
            title="No server exists yet"
            words="Add one under Servers, then grant it."
          />
        )
      ) : error ? (
        <ErrorState {...error} />
      ) : (
        <div aria-busy="true" className="flex flex-col gap-3 p-4">
          <Skeleton className="h-5 w-80 max-w-full" />
          <Skeleton className="h-5 w-64 max-w-full" />
          <Skeleton className="h-5 w-72 max-w-full" />
        </div>
      )}
    </Card>
  )
}

function ServerLine({ server, name }: { server: ServerAccess; name: string }) {
  const allowed = server.tools.filter((tool) => tool.allowed).length
  const [open, setOpen] = useState(false)
  return (
    <li>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex w-full flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5 text-left transition-colors hover:bg-hover focus-visible:outline-offset-[-2px]"
      >
        <Icon
          of={ChevronRight}
          size={14}
          className={cn("text-fg-3 transition-transform", open && "rotate-90")}
        />
        <span className="font-medium">{server.title}</span>
        <Verdict allowed={server.allowed} />
        {server.state !== "connected" && <ServerStateLabel state={server.state} className="text-xs" />}
        <span className="text-fg-2 text-xs">
          {allowed} of {plural(server.tools.length, "tool")}
        </span>
        <Rule rule={server.rule} />
      </button>
      {open && (
        <div className="flex flex-col gap-2 px-4 pb-3 sm:pl-11">
          <p className="text-fg-2">
            {name} {server.allowed ? "may" : "may not"} use {server.slug} because {server.reason}.
          </p>
          <ul className="flex flex-col">
            {server.tools.map((tool) => (
              <ToolLine key={tool.name} tool={tool} />
            ))}
          </ul>
        </div>
      )}
    </li>
  )
}

function ToolLine({ tool }: { tool: ToolAccess }) {
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-0.5 border-t py-1.5 first:border-t-0 md:grid md:grid-cols-[minmax(160px,1fr)_84px_minmax(0,3fr)_auto]">
      <code className="break-all text-xs">{tool.name}</code>
      <Verdict allowed={tool.allowed} />
      <span className="min-w-0 text-fg-2 text-xs">because {tool.reason}</span>
      <Rule rule={tool.rule} />
    </li>
  )
}

function Verdict({ allowed }: { allowed: boolean }) {
  return (
    <Badge tone={allowed ? "ok" : "bad"} icon={allowed ? Check : X}>
      {allowed ? "Allowed" : "Denied"}
    </Badge>
  )
}

function Rule({ rule }: { rule: string }) {
  return <span className="ml-auto truncate text-fg-3 text-xs max-sm:ml-0">rule "{rule}"</span>
}
