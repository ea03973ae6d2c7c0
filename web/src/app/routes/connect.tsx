/** Routes of programs that act in one's name: connecting them, and the question whether one may. */
import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router"
import { meQuery } from "@/api/me"
import { asProblem } from "@/api/problem"
import { connectSearch } from "@/features/connect/connect-search"
import { rootRoute, shellRoute } from "./root"

const connect = createRoute({
  getParentRoute: () => shellRoute,
  path: "/connect",
  validateSearch: connectSearch,
  component: lazyRouteComponent(() => import("@/features/connect/page"), "ConnectPage"),
})

const consent = createRoute({
  getParentRoute: () => rootRoute,
  path: "/consent",
  validateSearch: (search: Record<string, unknown>): { request?: string } =>
    typeof search.request === "string" ? { request: search.request } : {},
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queryClient.ensureQueryData(meQuery)
    } catch (thrown) {
      if (asProblem(thrown).code !== "not_signed_in") throw thrown
      throw redirect({ to: "/login", search: { next: location.href } })
    }
  },
  component: lazyRouteComponent(() => import("@/features/consent/page"), "ConsentPage"),
})

export const connectRoutes = [connect] as const
export const consentRoutes = [consent] as const
