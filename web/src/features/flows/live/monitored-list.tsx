/** Who may be watched: ticked ones have a panel; others are found by name or e-mail and can be monitored. */
import { useState } from "react"
import type { MonitoredTeam, MonitoredUser } from "@/api/monitoring"
import { SearchInput } from "@/ui/input"
import { Skeleton } from "@/ui/states"
import type { LiveActions } from "./actions"
import { PersonLine } from "./monitored-person"
import { TeamLine } from "./monitored-team"
import { Others } from "./others"

interface MonitoredListProps extends Pick<LiveActions, "onMonitor" | "onMonitorTeam"> {
  monitored: { items: readonly MonitoredUser[]; teams: readonly MonitoredTeam[] } | undefined
  ids: readonly string[]
  onChoose: (user_ids: readonly string[]) => void
}

export function MonitoredList({ monitored, ...rest }: MonitoredListProps) {
  const [query, setQuery] = useState("")
  return (
    <section aria-label="Monitored people" className="rounded border bg-surface">
      <div className="border-b p-2">
        <SearchInput label="Find a person or team" value={query} onValue={setQuery} className="w-full" />
      </div>
      {monitored ? (
        <Lines
          words={query.trim().toLowerCase()}
          people={monitored.items}
          teams={monitored.teams}
          {...rest}
        />
      ) : (
        <ListSkeleton />
      )}
    </section>
  )
}

interface LinesProps extends Omit<MonitoredListProps, "monitored"> {
  words: string
  people: readonly MonitoredUser[]
  teams: readonly MonitoredTeam[]
}

function Lines({ words, people, teams, ids, onChoose, ...actions }: LinesProps) {
  const found = people.filter(({ name, email }) => `${name} ${email}`.toLowerCase().includes(words))
  const named = teams.filter(({ name }) => name.toLowerCase().includes(words))
  const toggle = (user_id: string, on: boolean) =>
    onChoose(on ? [...ids, user_id] : ids.filter((one) => one !== user_id))
  return (
    <ul className="max-h-[calc(100dvh-240px)] overflow-y-auto max-lg:max-h-60">
      {named.map((team) => (
        <TeamLine
          key={team.team_id}
          team={team}
          members={people
            .filter(({ team_ids }) => team_ids.includes(team.team_id))
            .map(({ user_id }) => user_id)}
          ids={ids}
          onChoose={onChoose}
          onMonitorTeam={actions.onMonitorTeam}
        />
      ))}
      {found.map((user) => (
        <PersonLine
          key={user.user_id}
          user={user}
          on={ids.includes(user.user_id)}
          onToggle={(on) => toggle(user.user_id, on)}
          onMonitor={actions.onMonitor}
        />
      ))}
      <Others
        words={words}
        people={people}
        teams={teams}
        any={found.length + named.length > 0}
        {...actions}
      />
    </ul>
  )
}

function ListSkeleton() {
  return (
    <div aria-busy="true" className="flex flex-col gap-2 p-2">
      {["a", "b", "c"].map((line) => (
        <Skeleton key={line} className="h-10" />
      ))}
    </div>
  )
}
