/** All routes: a feature has one route module and one line here. */
import { accountRoutes } from "./account"
import { adminRoutes } from "./admin"
import { authRoutes } from "./auth"
import { chatRoutes } from "./chat"
import { flowRoutes } from "./flows"
import { peopleRoutes } from "./people"
import { rootRoute, shellRoute } from "./root"

export const routeTree = rootRoute.addChildren([
  ...authRoutes,
  shellRoute.addChildren([...chatRoutes, ...accountRoutes, ...flowRoutes, ...peopleRoutes, ...adminRoutes]),
])
