/** Routes of the chat, and the way home: people land in the chat, those who look after others in the overview. */
import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router"
import { may } from "@/api/me"
import { shellRoute } from "./root"

const home = createRoute({
  getParentRoute: () => shellRoute,
  path: "/",
  beforeLoad: ({ context }) => {
    throw redirect({ to: may(context.me, "insight.read") ? "/admin" : "/chat" })
  },
})

const page = lazyRouteComponent(() => import("@/features/chat/page"), "ChatPage")

const chat = createRoute({ getParentRoute: () => shellRoute, path: "/chat", component: page })
const conversation = createRoute({ getParentRoute: () => shellRoute, path: "/chat/$id", component: page })

export const chatRoutes = [home, chat, conversation] as const
