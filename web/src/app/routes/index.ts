/** All routes: a feature has one route module and one line here. */
import { accountRoutes } from "./account"
import { adminRoutes } from "./admin"
import { authRoutes } from "./auth"
import { chatRoutes } from "./chat"
import { connectRoutes, consentRoutes } from "./connect"
import { flowRoutes } from "./flows"
import { peopleRoutes } from "./people"
import { rootRoute, shellRoute } from "./root"
import { talkRoutes } from "./talks"

export const routeTree = rootRoute.addChildren([
  ...authRoutes,
  ...consentRoutes,
  shellRoute.addChildren([
    ...chatRoutes,
    ...connectRoutes,
    ...accountRoutes,
    ...flowRoutes,
    ...talkRoutes,
    ...peopleRoutes,
    ...adminRoutes,
  ]),
])
