/** A team that is monitored: all its members get a panel at once. */
import { Users } from "lucide-react"
import { type MonitoredTeam, most_watched } from "@/api/monitoring"
import type { TeamRef } from "@/api/teams"
import { plural } from "@/lib/format"
import { Button } from "@/ui/button"
import { Icon } from "@/ui/icon"
import { TimeLeft } from "./time-left"

interface TeamLineProps {
  team: MonitoredTeam
  /** Its members who may be watched. */
  members: readonly string[]
  ids: readonly string[]
  onChoose: (user_ids: readonly string[]) => void
  onMonitorTeam: (team: TeamRef) => void
}

export function TeamLine({ team, members, ids, onChoose, onMonitorTeam }: TeamLineProps) {
  const all = members.every((user_id) => ids.includes(user_id))
  return (
    <li className="flex items-center gap-2 border-b px-2 py-1.5">
      <Icon of={Users} className="text-fg-3" />
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium">{team.name}</p>
        {all ? (
          <p className="text-fg-3 text-xs">
            {plural(team.member_count, "member")}
            {members.length > 0 && ", all watched"}
          </p>
        ) : (
          <Button
            size="inline"
            variant="link"
            className="text-xs"
            title={plural(team.member_count, "member")}
            aria-label={`Watch all members of ${team.name}`}
            onClick={() => onChoose([...new Set([...ids, ...members])].slice(0, most_watched))}
          >
            Watch all members
          </Button>
        )}
      </div>
      <TimeLeft
        of={`team ${team.name}`}
        until={team.until}
        set={`set by ${team.by}`}
        another={{ words: "Set another end", onSet: () => onMonitorTeam(team) }}
        endings={[{ words: "End monitoring", whom: { team_id: team.team_id } }]}
      />
    </li>
  )
}
