/** One server: state and reason, its tools, who may use it, its health, its settings. */
import { useQuery } from "@tanstack/react-query"
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router"
import { ArrowLeft, RefreshCw } from "lucide-react"
import type { ReactNode } from "react"
import { may, useMe } from "@/api/me"
import { errorState } from "@/api/pages"
import type { ServerView } from "@/api/shapes"
import { count } from "@/lib/format"
import { Badge } from "@/ui/badge"
import { Button } from "@/ui/button"
import { Icon } from "@/ui/icon"
import { ServerStateLabel } from "@/ui/server-state"
import { ErrorState, Skeleton } from "@/ui/states"
import { TabPanel, Tabs } from "@/ui/tabs"
import { Time } from "@/ui/time"
import { HealthTab } from "./health-tab"
import { serverQuery, useChangeServer, useRefreshServer } from "./queries"
import { SettingsTab } from "./settings-tab"
import { ToolsTab } from "./tools-tab"

const route = getRouteApi("/shell/admin/servers/$id")

/** `grants` is what another feature shows of a server, by its slug. */
export function ServerPage({ grants }: { grants: (slug: string) => ReactNode }) {
  const { id } = route.useParams()
  const query = useQuery(serverQuery(id))
  const error = errorState(query)
  return (
    <div className="mx-auto flex min-h-full w-full max-w-[1200px] flex-col gap-4 px-3 py-4 sm:px-6 sm:py-5">
      <Link
        to="/admin/servers"
        className="inline-flex items-center gap-1.5 self-start text-fg-2 text-xs hover:text-fg"
      >
        <Icon of={ArrowLeft} size={14} />
        Servers
      </Link>
      {query.data ? (
        <>
          <Head server={query.data} />
          <ServerTabs server={query.data} grants={grants} />
        </>
      ) : error ? (
        <ErrorState title="This server cannot be shown" {...error} />
      ) : (
        <div aria-busy="true" className="flex flex-col gap-4">
          <Skeleton className="h-7 w-64" />
          <Skeleton className="h-4 w-96 max-w-full" />
          <Skeleton className="h-48" />
        </div>
      )}
    </div>
  )
}

function Head({ server }: { server: ServerView }) {
  const refresh = useRefreshServer(server.server_id)
  const change = useChangeServer(server.server_id)
  const manage = may(useMe(), "servers.manage")
  return (
    <header className="flex flex-wrap items-start gap-x-4 gap-y-3">
      <div className="min-w-0 flex-1 basis-72">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h1 className="truncate font-semibold text-xl tracking-tight">{server.title}</h1>
          <ServerStateLabel state={server.state} />
          {server.demo && <Badge tone="info">Demo</Badge>}
        </div>
        {server.reason && <p className="mt-1 max-w-[80ch] break-words text-fg-2">{server.reason}</p>}
        <p className="tabular mt-1 flex flex-wrap gap-x-4 gap-y-0.5 text-fg-2">
          <code className="max-w-full truncate text-xs leading-5">
            {server.url ?? server.command?.join(" ")}
          </code>
          {server.latency_ms !== null && <span>{count(server.latency_ms)} ms</span>}
          {server.revision && <span>MCP {server.revision}</span>}
          <span>{count(server.calls_today)} calls today</span>
          <span className={server.errors_today > 0 ? "text-bad" : undefined}>
            {count(server.errors_today)} errors today
          </span>
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
          <Button busy={change.isPending} onClick={() => change.mutate({ enabled: !server.enabled })}>
            {server.enabled ? "Disable" : "Enable"}
          </Button>
        </div>
      )}
    </header>
  )
}

function ServerTabs({ server, grants }: { server: ServerView; grants: (slug: string) => ReactNode }) {
  const { tab = "tools" } = route.useSearch()
  const navigate = useNavigate({ from: "/admin/servers/$id" })
  return (
    <Tabs
      label="About this server"
      value={tab}
      onValue={(next) =>
        void navigate({ search: { tab: next === "tools" ? undefined : next }, replace: true })
      }
      tabs={[
        { value: "tools", label: "Tools", count: server.tool_count },
        { value: "access", label: "Who may use it" },
        { value: "health", label: "Health" },
        { value: "settings", label: "Settings" },
      ]}
    >
      <TabPanel value="tools">
        <ToolsTab server={server} />
      </TabPanel>
      <TabPanel value="access">{grants(server.slug)}</TabPanel>
      <TabPanel value="health">
        <HealthTab server={server} />
      </TabPanel>
      <TabPanel value="settings">
        <SettingsTab key={server.server_id} server={server} />
      </TabPanel>
    </Tabs>
  )
}
