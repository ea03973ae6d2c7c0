/** One server: state and reason, what it offers, who may use it, its health, its settings. */
import { useQuery } from "@tanstack/react-query"
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router"
import { ArrowLeft } from "lucide-react"
import type { ReactNode } from "react"
import { may, useMe } from "@/api/me"
import { errorState } from "@/api/pages"
import type { ServerView } from "@/api/shapes"
import { Icon } from "@/ui/icon"
import { backStyle, DetailPage } from "@/ui/page"
import { ErrorState, Skeleton } from "@/ui/states"
import { TabPanel, Tabs } from "@/ui/tabs"
import { HealthTab } from "./health-tab"
import { PromptsTab } from "./prompts-tab"
import { serverQuery } from "./queries"
import { ResourcesTab } from "./resources-tab"
import { ServerHead } from "./server-head"
import { SettingsTab } from "./settings-tab"
import { ToolsTab } from "./tools-tab"
import { TryTab } from "./try-tab"

const route = getRouteApi("/shell/admin/servers/$id")

/** `grants` is what another feature shows of a server, by its slug. */
export function ServerPage({ grants }: { grants: (slug: string) => ReactNode }) {
  const { id } = route.useParams()
  const query = useQuery(serverQuery(id))
  const error = errorState(query)
  return (
    <DetailPage>
      <Link to="/admin/servers" className={backStyle}>
        <Icon of={ArrowLeft} size={14} />
        Servers
      </Link>
      {query.data ? (
        <>
          <ServerHead server={query.data} />
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
    </DetailPage>
  )
}

function ServerTabs({ server, grants }: { server: ServerView; grants: (slug: string) => ReactNode }) {
  const { tab = "tools" } = route.useSearch()
  const navigate = useNavigate({ from: "/admin/servers/$id" })
  const manage = may(useMe(), "servers.manage")
  return (
    <Tabs
      label="About this server"
      value={tab}
      onValue={(next) =>
        void navigate({ search: { tab: next === "tools" ? undefined : next }, replace: true })
      }
      tabs={[
        { value: "tools", label: "Tools", count: server.tool_count },
        { value: "prompts", label: "Prompts", count: server.prompt_count },
        { value: "resources", label: "Resources", count: server.resource_count },
        ...(manage ? [{ value: "try" as const, label: "Try" }] : []),
        { value: "access", label: "Who may use it" },
        { value: "health", label: "Health" },
        { value: "settings", label: "Settings" },
      ]}
    >
      <TabPanel value="tools">
        <ToolsTab server={server} />
      </TabPanel>
      <TabPanel value="prompts">
        <PromptsTab server_id={server.server_id} />
      </TabPanel>
      <TabPanel value="resources">
        <ResourcesTab server_id={server.server_id} />
      </TabPanel>
      <TabPanel value="try">{manage && <TryTab server={server} />}</TabPanel>
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
