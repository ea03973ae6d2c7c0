/** All pages of the navigation and the palette. A feature that adds a page adds its entry, and its path to NavPath. */
import { MessageSquare } from "lucide-react"
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
]

/** The page of a person; null while there is none. */
export const personPath: ((user_id: string) => string) | null = null
