/** The root of all routes, and the shell under which everything lives that needs a signed-in person. */
import type { QueryClient } from "@tanstack/react-query"
import { createRootRouteWithContext, createRoute, redirect } from "@tanstack/react-router"
import { meQuery } from "@/api/me"
import { asProblem } from "@/api/problem"
import { RootFrame } from "../root-frame"
import { Shell } from "../shell/shell"

export const rootRoute = createRootRouteWithContext<{ queryClient: QueryClient }>()({ component: RootFrame })

export const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "shell",
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    try {
      return { me: await context.queryClient.ensureQueryData(meQuery) }
    } catch (thrown) {
      if (asProblem(thrown).code !== "not_signed_in") throw thrown
      throw redirect({ to: "/login", search: { next: location.href } })
    }
  },
})
