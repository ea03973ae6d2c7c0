/** Who a person is, what they are doing now, and what can be done about them. */
import type { UserRow } from "@/api/types"
import { Time } from "@/ui/time"
import { Avatar } from "@/ui/user-chip"
import { PersonActions } from "./person-actions"
import { PersonTeams } from "./person-teams"
import { Presence, roles, StatusBadge } from "./words"

export function PersonHead({ user }: { user: UserRow }) {
  const name = user.name || user.email
  return (
    <header className="flex flex-wrap items-center gap-x-4 gap-y-3">
      <Avatar name={name} size="lg" />
      <div className="min-w-0 flex-1 basis-64">
        <div className="flex flex-wrap items-center gap-2">
          <h1 className="truncate font-semibold text-xl tracking-tight">{name}</h1>
          <StatusBadge user={user} />
        </div>
        <p className="flex flex-wrap gap-x-3 gap-y-0.5 text-fg-2">
          <span>{user.email}</span>
          <span>{roles[user.role].title}</span>
          <PersonTeams user_id={user.user_id} />
          <Presence user={user} />
          <span>
            seen <Time at={user.last_seen_at} />
          </span>
        </p>
      </div>
      <PersonActions user={user} />
    </header>
  )
}
