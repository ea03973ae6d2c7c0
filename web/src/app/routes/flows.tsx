/** Routes of flows: the list, one flow, and one's own flow as "View flow" leads to it. */
import type { QueryClient } from "@tanstack/react-query"
import { createRoute, lazyRouteComponent } from "@tanstack/react-router"
import { compareSearch, playbackSearch, twoFlows } from "@/features/flows/compare/compare-search"
import { flowSearch } from "@/features/flows/flow-search"
import { liveSearch } from "@/features/flows/live/live-search"
import { flowsSearch } from "@/features/flows/words"
import { needs } from "./needs"
import { shellRoute } from "./root"

const page = lazyRouteComponent(() => import("@/features/flows/flow-page"), "FlowPage")

interface Entering {
  params: { id: string }
  context: { queryClient: QueryClient }
  cause: string
}

/** Asks for what the page shows while its code is still on the way; a link that is only pointed at asks for nothing. */
function askAhead({ params: { id }, context: { queryClient }, cause }: Entering) {
  if (cause === "preload") return
  void import("@/api/flows").then(({ checkpointsQuery, flowQuery }) => {
    for (const flow_id of twoFlows(id) ?? [id]) {
      void queryClient.prefetchQuery(flowQuery(flow_id))
      void queryClient.prefetchQuery(checkpointsQuery(flow_id))
    }
  })
}

const list = createRoute({
  getParentRoute: () => shellRoute,
  path: "/admin/flows",
  validateSearch: flowsSearch,
  beforeLoad: needs("flows.read"),
  component: lazyRouteComponent(() => import("@/features/flows/list-page"), "FlowsPage"),
})

const one = createRoute({
  getParentRoute: () => shellRoute,
  path: "/admin/flows/$id",
  validateSearch: flowSearch,
  beforeLoad: needs("flows.read"),
  loader: askAhead,
  component: page,
})

const live = createRoute({
  getParentRoute: () => shellRoute,
  path: "/admin/live",
  validateSearch: liveSearch,
  beforeLoad: needs("flows.read"),
  component: lazyRouteComponent(() => import("../pages/live"), "Live"),
})

const compare = createRoute({
  getParentRoute: () => shellRoute,
  path: "/admin/compare",
  validateSearch: compareSearch,
  beforeLoad: needs("grants.read"),
  component: lazyRouteComponent(() => import("@/features/flows/compare/compare-people"), "ComparePeoplePage"),
})

const playback = createRoute({
  getParentRoute: () => shellRoute,
  path: "/admin/playback",
  validateSearch: playbackSearch,
  beforeLoad: needs("flows.read"),
  component: lazyRouteComponent(() => import("@/features/flows/player/playback-page"), "PlaybackPage"),
})

const own = createRoute({
  getParentRoute: () => shellRoute,
  path: "/flows/$id",
  validateSearch: flowSearch,
  loader: askAhead,
  component: page,
})

export const flowRoutes = [list, live, one, compare, playback, own] as const
