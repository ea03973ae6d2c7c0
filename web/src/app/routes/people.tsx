/** Routes of people; the page of one person also shows their flows and grants, which other features own. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router"
import { peopleSearch, personSearch } from "@/features/people/people-search"
import { needs } from "./needs"
import { shellRoute } from "./root"

const list = createRoute({
  getParentRoute: () => shellRoute,
  path: "/admin/people",
  validateSearch: peopleSearch,
  beforeLoad: needs("users.read"),
  component: lazyRouteComponent(() => import("@/features/people/people-page"), "PeoplePage"),
})

const one = createRoute({
  getParentRoute: () => shellRoute,
  path: "/admin/people/$id",
  validateSearch: personSearch,
  beforeLoad: needs("users.read"),
  component: lazyRouteComponent(() => import("../pages/person"), "Person"),
})

export const peopleRoutes = [list, one] as const
