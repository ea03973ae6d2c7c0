/** The router, with the pages it shows when something is missing or broken. */
import { createRouter } from "@tanstack/react-router"
import { makeQueryClient } from "@/api/query-client"
import { NotFoundPage, PageError } from "./error-pages"
import { routeTree } from "./routes"

export const queryClient = makeQueryClient()

export const router = createRouter({
  routeTree,
  context: { queryClient },
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  defaultNotFoundComponent: NotFoundPage,
  defaultErrorComponent: PageError,
  scrollRestoration: false,
})

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router
  }
}
