/** Routes of the rest of the administration: overview, servers, models, audit. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router"
import { journalSearch } from "@/features/journal/journal-search"
import { overviewSearch } from "@/features/overview/overview-search"
import { serverSearch, serversSearch, virtualSearch } from "@/features/servers/servers-search"
import { importedSearch } from "../pages/imported-search"
import { needs } from "./needs"
import { shellRoute } from "./root"

const overview = createRoute({
  getParentRoute: () => shellRoute,
  path: "/admin",
  validateSearch: overviewSearch,
  beforeLoad: needs("insight.read"),
  component: lazyRouteComponent(() => import("@/features/overview/overview-page"), "OverviewPage"),
})

const servers = createRoute({
  getParentRoute: () => shellRoute,
  path: "/admin/servers",
  validateSearch: serversSearch,
  beforeLoad: needs("servers.read"),
  component: lazyRouteComponent(() => import("@/features/servers/servers-page"), "ServersPage"),
})

const server = createRoute({
  getParentRoute: () => shellRoute,
  path: "/admin/servers/$id",
  validateSearch: serverSearch,
  beforeLoad: needs("servers.read"),
  component: lazyRouteComponent(() => import("../pages/server"), "Server"),
})

const virtual = createRoute({
  getParentRoute: () => shellRoute,
  path: "/admin/servers/virtual",
  validateSearch: virtualSearch,
  beforeLoad: needs("servers.read"),
  component: lazyRouteComponent(() => import("@/features/servers/virtual-page"), "VirtualPage"),
})

const models = createRoute({
  getParentRoute: () => shellRoute,
  path: "/admin/models",
  validateSearch: (search: Record<string, unknown>): { add?: boolean } =>
    search.add === true || search.add === "true" ? { add: true } : {},
  beforeLoad: needs("servers.read"),
  component: lazyRouteComponent(() => import("@/features/models/models-page"), "ModelsPage"),
})

const audit = createRoute({
  getParentRoute: () => shellRoute,
  path: "/admin/audit",
  validateSearch: journalSearch,
  beforeLoad: needs("journal.read"),
  component: lazyRouteComponent(() => import("@/features/journal/journal-page"), "JournalPage"),
})

const imported = createRoute({
  getParentRoute: () => shellRoute,
  path: "/admin/imported",
  validateSearch: importedSearch,
  beforeLoad: needs("flows.content"),
  component: lazyRouteComponent(() => import("../pages/imported"), "ImportedPage"),
})

export const adminRoutes = [overview, servers, server, virtual, models, audit, imported] as const
