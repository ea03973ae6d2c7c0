/** All pages of the navigation and the palette. A feature that adds a page adds its entry, and its path to NavPath. */
import { CircleUser, MessageSquare, Workflow, Wrench } from "lucide-react"
import type { NavEntry } from "./nav"

export const navEntries: readonly NavEntry[] = [
  {
    to: "/chat",
    label: "Chat",
    icon: MessageSquare,
    part: "people",
    order: 10,
    aliases: ["conversation", "ask", "assistant"],
  },
  {
    to: "/tools",
    label: "My tools",
    icon: Wrench,
    part: "people",
    order: 20,
    permission: "chat.use",
    aliases: ["servers", "access", "permissions"],
  },
  {
    to: "/account",
    label: "Account",
    icon: CircleUser,
    part: "people",
    order: 40,
    aliases: ["profile", "password", "sessions", "tokens", "credits", "usage", "settings"],
  },
  {
    to: "/admin/flows",
    label: "Flows",
    icon: Workflow,
    part: "admin",
    order: 20,
    permission: "flows.read",
    aliases: ["analytics", "system flow tracking", "history", "traces"],
  },
]

/** The page of a person; null while there is none. */
export const personPath: ((user_id: string) => string) | null = null
