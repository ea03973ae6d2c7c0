/** A person who is monitored: what they do, through which team, who watches, and for how long. */
import { Eye } from "lucide-react"
import type { MonitoredUser } from "@/api/monitoring"
import { Checkbox } from "@/ui/choice"
import { Icon } from "@/ui/icon"
import { Tooltip } from "@/ui/tooltip"
import { type Person, UserChip } from "@/ui/user-chip"
import { StateDot } from "./state-dot"
import { TimeLeft } from "./time-left"

interface PersonLineProps {
  user: MonitoredUser
  on: boolean
  onToggle: (on: boolean) => void
  onMonitor: (person: Person) => void
}

export function PersonLine({ user, on, onToggle, onMonitor }: PersonLineProps) {
  const { through } = user
  return (
    <li className="flex items-center gap-2 border-b px-2 py-1.5 last:border-b-0">
      <Checkbox checked={on} onChecked={onToggle} label={`Watch ${user.name || user.email}`} hideLabel />
      <div className="min-w-0 flex-1">
        <UserChip person={user} short />
        <p className="flex flex-wrap items-center gap-x-2 text-fg-3 text-xs">
          <StateDot doing={user.state} />
          {user.watchers.length > 0 && (
            <Tooltip words={`Watched by ${user.watchers.join(", ")}`}>
              <span className="inline-flex items-center gap-1">
                <Icon of={Eye} size={12} label="Watched by" />
                {user.watchers.length}
              </span>
            </Tooltip>
          )}
          {through && <span className="max-w-full truncate">through {through.name}</span>}
        </p>
      </div>
      <TimeLeft
        of={user.email}
        until={user.until}
        set={through ? `set by ${user.by} for team ${through.name}` : `set by ${user.by}`}
        another={{
          words: user.own ? "Set another end" : "Monitor on their own",
          onSet: () => onMonitor(user),
        }}
        endings={endingsOf(user)}
      />
    </li>
  )
}

/** What can be ended of it: their own monitoring, that of the team, or each. */
export function endingsOf({ user_id, own, through }: Pick<MonitoredUser, "user_id" | "own" | "through">) {
  return [
    ...(own ? [{ words: through ? "End their own monitoring" : "End monitoring", whom: { user_id } }] : []),
    ...(through
      ? [{ words: `End monitoring of team ${through.name}`, whom: { team_id: through.team_id } }]
      : []),
  ]
}
