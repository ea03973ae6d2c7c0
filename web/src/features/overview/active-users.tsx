/** Who is here, or was a moment ago. */
import { Link } from "@tanstack/react-router"
import { Users } from "lucide-react"
import type { ActiveUser } from "@/api/shapes"
import { count as figure, plural } from "@/lib/format"
import { StateDot } from "@/ui/badge"
import { buttonStyle } from "@/ui/button"
import { Card } from "@/ui/card"
import { EmptyState } from "@/ui/states"
import { Time } from "@/ui/time"
import { UserChip } from "@/ui/user-chip"

interface ActiveUsersProps {
  users: readonly ActiveUser[]
  count: number
  /** When the day began. */
  since: string
}

export function ActiveUsers({ users, count, since }: ActiveUsersProps) {
  return (
    <Card title="Active people" words={count > 0 ? `${figure(count)} now` : undefined} flush>
      {users.length === 0 ? (
        <EmptyState icon={Users} title="Nobody is here now" words="People appear as soon as they connect.">
          <Link to="/admin/people" className={buttonStyle({ variant: "secondary" })}>
            See people
          </Link>
        </EmptyState>
      ) : (
        <ul className="divide-y">
          {users.map((user) => (
            <li key={user.user_id} className="flex min-w-0 items-center gap-3 px-4 py-2">
              <span className="min-w-0 flex-1">
                <UserChip short person={user} />
              </span>
              <Link
                to="/admin/flows"
                search={{ user: user.user_id, source: "chat", since }}
                className="tabular text-fg-2 text-xs hover:underline"
              >
                {plural(user.turns_today, "turn")} today
              </Link>
              <State user={user} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}

function State({ user }: { user: ActiveUser }) {
  if (user.state === "thinking")
    return (
      <StateDot tone="info">
        <span className="text-info">At work</span>
      </StateDot>
    )
  if (user.state === "idle") return <StateDot tone="ok">Online</StateDot>
  return (
    <span className="text-fg-2 text-xs">
      <Time at={user.last_seen_at} />
    </span>
  )
}
