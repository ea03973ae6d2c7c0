/** Routes of the chat: a new conversation, and one that exists. */
import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router"
import { shellRoute } from "./root"

const home = createRoute({
  getParentRoute: () => shellRoute,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/chat" })
  },
})

const page = lazyRouteComponent(() => import("@/features/chat/page"), "ChatPage")

const chat = createRoute({ getParentRoute: () => shellRoute, path: "/chat", component: page })
const conversation = createRoute({ getParentRoute: () => shellRoute, path: "/chat/$id", component: page })

export const chatRoutes = [home, chat, conversation] as const
