/** The hover card of a person: state now, role, credits, last seen, and the block. */
import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { Ban, CircleCheck, Radio } from "lucide-react"
import { may, useMe } from "@/api/me"
import { userQuery } from "@/api/users"
import { Button, buttonStyle } from "@/ui/button"
import { Icon } from "@/ui/icon"
import { Skeleton } from "@/ui/states"
import { Time } from "@/ui/time"
import { Avatar, type Person } from "@/ui/user-chip"
import { askToBlock } from "./block-store"
import { useUnblock } from "./queries"
import { CreditsLeft, Presence, roles, StatusBadge } from "./words"

export function PersonCard({ person }: { person: Person }) {
  const me = useMe()
  const { data: user, error } = useQuery(userQuery(person.user_id))
  const unblock = useUnblock(person.user_id)
  const name = person.name || person.email
  const may_block = may(me, "users.block") && person.user_id !== me.user.user_id
  return (
    <div className="flex flex-col gap-3">
      <div className="flex items-center gap-2.5">
        <Avatar name={name} size="lg" />
        <div className="min-w-0 flex-1">
          <p className="truncate font-medium">{name}</p>
          <p className="truncate text-fg-2 text-xs">{person.email}</p>
        </div>
        {user && <StatusBadge user={user} />}
      </div>
      {error ? (
        <p className="text-fg-2">Nothing more can be read about this person.</p>
      ) : user ? (
        <dl className="grid grid-cols-[72px_1fr] gap-y-1 text-xs">
          <dt className="text-fg-3">State</dt>
          <dd>
            <Presence user={user} />
          </dd>
          <dt className="text-fg-3">Role</dt>
          <dd>{roles[user.role].title}</dd>
          <dt className="text-fg-3">Credits</dt>
          <dd>
            <CreditsLeft user={user} />
          </dd>
          <dt className="text-fg-3">Last seen</dt>
          <dd>
            <Time at={user.last_seen_at} />
          </dd>
        </dl>
      ) : (
        <Skeleton className="h-20" />
      )}
      <div className="flex flex-wrap gap-2">
        <Link
          to="/admin/flows"
          search={{ user: person.user_id }}
          className={buttonStyle({ size: "sm", variant: "secondary" })}
        >
          Flows
        </Link>
        {may(me, "flows.read") && (
          <Link
            to="/admin/live"
            search={{ u: person.user_id }}
            className={buttonStyle({ size: "sm", variant: "secondary" })}
          >
            <Icon of={Radio} size={14} />
            Watch
          </Link>
        )}
        {may_block && user?.blocked && (
          <Button size="sm" icon={CircleCheck} busy={unblock.isPending} onClick={() => unblock.mutate()}>
            Unblock
          </Button>
        )}
        {may_block && user && !user.blocked && (
          <Button size="sm" icon={Ban} onClick={() => askToBlock(person)}>
            Block
          </Button>
        )}
      </div>
    </div>
  )
}
