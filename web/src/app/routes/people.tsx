/** Routes of people and teams; the page of one person also shows their flows and grants, which other features own. */
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

const teams = createRoute({
  getParentRoute: () => shellRoute,
  path: "/admin/people/teams",
  validateSearch: peopleSearch,
  beforeLoad: needs("users.read"),
  component: lazyRouteComponent(() => import("@/features/people/teams-page"), "TeamsPage"),
})

const team = createRoute({
  getParentRoute: () => shellRoute,
  path: "/admin/people/teams/$id",
  beforeLoad: needs("users.read"),
  component: lazyRouteComponent(() => import("@/features/people/team-page"), "TeamPage"),
})

export const peopleRoutes = [list, one, teams, team] as const
