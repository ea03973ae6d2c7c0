/** Presence, roles, doors and credits of a person, in words. */
import { Ban } from "lucide-react"
import { useCredits } from "@/api/credits"
import type { BlockScope, Role, UserRow } from "@/api/types"
import { plural } from "@/lib/format"
import { Badge, StateDot } from "@/ui/badge"
import { Meter } from "@/ui/meter"

export const roles: Record<Role, { title: string; note: string }> = {
  member: { title: "Member", note: "Chats, uses granted tools, sees their own flows." },
  auditor: { title: "Auditor", note: "Reads everything, changes nothing." },
  admin: { title: "Administrator", note: "May do everything, also block people." },
}

export const scopes: Record<BlockScope, string> = {
  everywhere: "Everywhere",
  chat: "Chat only",
  mcp: "MCP only",
}

export const role_options = (Object.keys(roles) as Role[]).map((value) => ({
  value,
  label: roles[value].title,
  note: roles[value].note,
}))

export function Presence({ user }: { user: Pick<UserRow, "state" | "sockets"> }) {
  if (user.state === "thinking")
    return (
      <StateDot tone="info">
        <span className="text-info">At work</span>
      </StateDot>
    )
  if (user.state === "idle")
    return (
      <StateDot tone="ok">
        <span title={plural(user.sockets, "open connection")}>Online</span>
      </StateDot>
    )
  return (
    <StateDot tone="neutral" hollow>
      <span className="text-fg-2">Offline</span>
    </StateDot>
  )
}

export function StatusBadge({ user }: { user: Pick<UserRow, "status" | "blocked"> }) {
  if (user.blocked) return <BlockedBadge scope={user.blocked.scope} />
  if (user.status === "invited") return <Badge tone="info">Invited</Badge>
  if (user.status === "deactivated") return <Badge>Deactivated</Badge>
  return null
}

export function CreditsLeft({ user }: { user: Pick<UserRow, "remaining_micros" | "limit_micros"> }) {
  const credits = useCredits()
  const { remaining_micros, limit_micros } = user
  if (remaining_micros === null || limit_micros === null) return <span className="text-fg-3">No limit</span>
  const words = `${credits(remaining_micros)} of ${credits(limit_micros)} credits left today`
  return (
    <span className="flex min-w-0 items-center gap-2">
      <Meter
        share={limit_micros > 0 ? remaining_micros / limit_micros : 0}
        label={words}
        className="w-14 shrink-0"
      />
      <span className="tabular truncate text-fg-2 text-xs" title={words}>
        {credits(remaining_micros)}
      </span>
    </span>
  )
}

function BlockedBadge({ scope }: { scope: BlockScope }) {
  const words = { everywhere: "Blocked", chat: "Blocked in chat", mcp: "Blocked in MCP" }
  return (
    <Badge tone="bad" icon={Ban}>
      {words[scope]}
    </Badge>
  )
}
