/** Routes of one's own things: account, the tools that one may use, what one used. */
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

const usage = createRoute({
  getParentRoute: () => shellRoute,
  path: "/usage",
  component: lazyRouteComponent(() => import("@/features/usage/page"), "UsagePage"),
})

export const accountRoutes = [account, tools, usage] as const
