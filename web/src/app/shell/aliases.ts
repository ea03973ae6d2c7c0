/** Other names people look for: those of the system this one replaces, and plain synonyms. */
import type { NavPath } from "../nav"

export const aliases: Readonly<Partial<Record<NavPath, readonly string[]>>> = {
  "/chat": ["conversation", "ask", "assistant"],
  "/tools": ["servers", "access", "permissions"],
  "/usage": ["credits", "cost", "budget", "spend", "limit"],
  "/connect": ["mcp", "ide", "cursor", "claude", "vs code", "tokens", "access tokens", "oauth", "programs"],
  "/account": ["profile", "password", "sessions", "settings"],
  "/admin": ["dashboard", "recent activities", "home"],
  "/admin/live": ["live updates", "multi-user flow tracker", "watch", "monitoring"],
  "/admin/flows": ["analytics", "system flow tracking", "history", "traces"],
  "/admin/compare": ["two people", "difference", "permissions", "diff"],
  "/admin/conversations": ["ai interaction flows", "chats", "transcripts"],
  "/admin/people": ["iam", "users", "chat config", "blocks", "roles", "teams", "groups"],
  "/admin/servers": ["mcps", "mcp servers", "tools", "grants"],
  "/admin/models": ["providers", "llm", "prices", "keys"],
  "/admin/audit": ["journal", "log", "changes"],
}
