/** Routes of one's own things: account, and the tools that one may use. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router"
import { toolsSearch } from "@/features/tools/tools-search"
import { shellRoute } from "./root"

const account = createRoute({
  getParentRoute: () => shellRoute,
  path: "/account",
  component: lazyRouteComponent(() => import("@/features/account/page"), "AccountPage"),
})

const tools = createRoute({
  getParentRoute: () => shellRoute,
  path: "/tools",
  validateSearch: toolsSearch,
  component: lazyRouteComponent(() => import("@/features/tools/page"), "ToolsPage"),
})

export const accountRoutes = [account, tools] as const
