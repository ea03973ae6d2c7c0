/** All pages of the navigation and the palette. A feature that adds a page adds its entry, and its path to NavPath. */
import {
  CircleUser,
  LayoutDashboard,
  MessageSquare,
  Plug,
  ScrollText,
  Sparkles,
  Users,
  Workflow,
  Wrench,
} from "lucide-react"
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
    to: "/admin",
    label: "Overview",
    icon: LayoutDashboard,
    part: "admin",
    order: 10,
    exact: true,
    permission: "insight.read",
    aliases: ["dashboard", "recent activities", "home"],
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
  {
    to: "/admin/people",
    label: "People",
    icon: Users,
    part: "admin",
    order: 30,
    permission: "users.read",
    aliases: ["iam", "users", "chat config", "blocks", "roles"],
  },
  {
    to: "/admin/servers",
    label: "Servers",
    icon: Plug,
    part: "admin",
    order: 40,
    permission: "servers.read",
    aliases: ["mcps", "mcp servers", "tools", "grants"],
  },
  {
    to: "/admin/models",
    label: "Models",
    icon: Sparkles,
    part: "admin",
    order: 50,
    permission: "servers.read",
    aliases: ["providers", "llm", "prices", "keys"],
  },
  {
    to: "/admin/audit",
    label: "Audit",
    icon: ScrollText,
    part: "admin",
    order: 60,
    permission: "journal.read",
    aliases: ["journal", "log", "changes"],
  },
]

/** The page of a person; null while there is none. */
export const personPath: ((user_id: string) => string) | null = (user_id) => `/admin/people/${user_id}`
