/** Routes of everybody's conversations. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router"
import { talkSearch, talksSearch } from "@/features/talks/talks-search"
import { needs } from "./needs"
import { shellRoute } from "./root"

const list = createRoute({
  getParentRoute: () => shellRoute,
  path: "/admin/conversations",
  validateSearch: talksSearch,
  beforeLoad: needs("flows.read"),
  component: lazyRouteComponent(() => import("@/features/talks/talks-page"), "TalksPage"),
})

const one = createRoute({
  getParentRoute: () => shellRoute,
  path: "/admin/conversations/$id",
  validateSearch: talkSearch,
  beforeLoad: needs("flows.read"),
  component: lazyRouteComponent(() => import("../pages/talk"), "Talk"),
})

export const talkRoutes = [list, one] as const
