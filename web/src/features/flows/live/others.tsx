/** People and teams that are not monitored: those that the words find, or a few while nobody is. */
import { useQuery } from "@tanstack/react-query"
import { Plus, Users } from "lucide-react"
import { useDeferredValue } from "react"
import { may, useMe } from "@/api/me"
import type { MonitoredTeam, MonitoredUser } from "@/api/monitoring"
import { teamSearchQuery } from "@/api/teams"
import { userSearchQuery } from "@/api/users"
import { plural } from "@/lib/format"
import { Button } from "@/ui/button"
import { Icon } from "@/ui/icon"
import { UserChip } from "@/ui/user-chip"
import type { LiveActions } from "./actions"

interface OthersProps extends Pick<LiveActions, "onMonitor" | "onMonitorTeam"> {
  words: string
  people: readonly MonitoredUser[]
  teams: readonly MonitoredTeam[]
  /** Somebody who is monitored is found by the words. */
  any: boolean
}

export function Others({ words, people, teams, any, onMonitor, onMonitorTeam }: OthersProps) {
  const { persons, groups } = useOthers(words, people, teams)
  if (persons.length + groups.length === 0)
    return words && !any ? (
      <li className="px-3 py-4 text-center text-fg-2">Nobody is found by that.</li>
    ) : null
  return (
    <>
      {persons.length > 0 && (
        <li className="px-2 pt-2 pb-1 text-fg-3 text-xs">
          {plural(persons.length, "person is", "people are")} not monitored
        </li>
      )}
      {persons.map((user) => (
        <li key={user.user_id} className="flex items-center gap-2 px-2 py-1">
          <span className="min-w-0 flex-1">
            <UserChip person={user} short />
          </span>
          <MonitorButton label={`Monitor ${user.name || user.email}`} onClick={() => onMonitor(user)} />
        </li>
      ))}
      {groups.length > 0 && (
        <li className="px-2 pt-2 pb-1 text-fg-3 text-xs">
          {plural(groups.length, "team is", "teams are")} not monitored
        </li>
      )}
      {groups.map((team) => (
        <li key={team.team_id} className="flex items-center gap-2 px-2 py-1">
          <Icon of={Users} className="ml-1 text-fg-3" />
          <span className="min-w-0 flex-1 truncate">
            <span className="font-medium">{team.name}</span>{" "}
            <span className="text-fg-3 text-xs">{plural(team.member_count, "member")}</span>
          </span>
          <MonitorButton label={`Monitor team ${team.name}`} onClick={() => onMonitorTeam(team)} />
        </li>
      ))}
    </>
  )
}

function MonitorButton({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <Button size="sm" variant="quiet" icon={Plus} aria-label={label} onClick={onClick}>
      Monitor
    </Button>
  )
}

function useOthers(words: string, people: readonly MonitoredUser[], teams: readonly MonitoredTeam[]) {
  const manages = may(useMe(), "monitoring.manage")
  const q = useDeferredValue(words)
  const enabled = manages && (q !== "" || people.length + teams.length === 0)
  const found = useQuery({ ...userSearchQuery(q), enabled }).data?.items ?? []
  const grouped = useQuery({ ...teamSearchQuery(q), enabled }).data?.items ?? []
  if (!enabled) return { persons: [], groups: [] }
  return {
    persons: found.filter((user) => !people.some((one) => one.user_id === user.user_id)),
    groups: grouped.filter((team) => !teams.some((one) => one.team_id === team.team_id)),
  }
}
