/** Who may be watched: ticked ones have a panel; others are found by name or e-mail and can be monitored. */
import { useQuery } from "@tanstack/react-query"
import { Clock, Eye, Plus } from "lucide-react"
import { useDeferredValue, useState } from "react"
import { may, useMe } from "@/api/me"
import { type MonitoredUser, useEndMonitoring } from "@/api/monitoring"
import { userSearchQuery } from "@/api/users"
import { plural } from "@/lib/format"
import { duration } from "@/lib/time"
import { Button } from "@/ui/button"
import { Checkbox } from "@/ui/choice"
import { Icon } from "@/ui/icon"
import { SearchInput } from "@/ui/input"
import { Menu, MenuContent, MenuItem, MenuTrigger } from "@/ui/menu"
import { Skeleton } from "@/ui/states"
import { useNow } from "@/ui/time"
import { Tooltip } from "@/ui/tooltip"
import { type Person, UserChip } from "@/ui/user-chip"
import { StateDot } from "./state-dot"

interface MonitoredListProps {
  people: readonly MonitoredUser[] | undefined
  ids: readonly string[]
  onChoose: (user_ids: readonly string[]) => void
  onMonitor: (person: Person) => void
}

export function MonitoredList({ people, ids, onChoose, onMonitor }: MonitoredListProps) {
  const [query, setQuery] = useState("")
  const words = query.trim().toLowerCase()
  const found = people?.filter(({ name, email }) => `${name} ${email}`.toLowerCase().includes(words))
  const toggle = (user_id: string, on: boolean) =>
    onChoose(on ? [...ids, user_id] : ids.filter((one) => one !== user_id))
  return (
    <section aria-label="Monitored people" className="rounded border bg-surface">
      <div className="border-b p-2">
        <SearchInput label="Find a person" value={query} onValue={setQuery} className="w-full" />
      </div>
      {found ? (
        <ul className="max-h-[calc(100dvh-240px)] overflow-y-auto max-lg:max-h-60">
          {found.map((user) => (
            <Monitored
              key={user.user_id}
              user={user}
              on={ids.includes(user.user_id)}
              onToggle={(on) => toggle(user.user_id, on)}
              onMonitor={onMonitor}
            />
          ))}
          <Others words={words} known={people ?? []} onMonitor={onMonitor} />
        </ul>
      ) : (
        <ListSkeleton />
      )}
    </section>
  )
}

interface MonitoredProps {
  user: MonitoredUser
  on: boolean
  onToggle: (on: boolean) => void
  onMonitor: (person: Person) => void
}

function Monitored({ user, on, onToggle, onMonitor }: MonitoredProps) {
  return (
    <li className="flex items-center gap-2 border-b px-2 py-1.5 last:border-b-0">
      <Checkbox checked={on} onChecked={onToggle} label={`Watch ${user.name || user.email}`} hideLabel />
      <div className="min-w-0 flex-1">
        <UserChip person={user} short />
        <p className="flex items-center gap-2 text-fg-3 text-xs">
          <StateDot doing={user.state} />
          {user.watchers.length > 0 && (
            <Tooltip words={`Watched by ${user.watchers.join(", ")}`}>
              <span className="inline-flex items-center gap-1">
                <Icon of={Eye} size={12} label="Watched by" />
                {user.watchers.length}
              </span>
            </Tooltip>
          )}
        </p>
      </div>
      <TimeLeft user={user} onMonitor={onMonitor} />
    </li>
  )
}

function TimeLeft({ user, onMonitor }: { user: MonitoredUser; onMonitor: (person: Person) => void }) {
  const left_ms = Math.max(0, Date.parse(user.until) - useNow())
  const end = useEndMonitoring(user.user_id)
  const words = `${duration(left_ms - (left_ms % 60_000)) || "0 s"} left`
  const label = `${words}, set by ${user.by}`
  if (!may(useMe(), "monitoring.manage"))
    return (
      <Tooltip words={label}>
        <span className="tabular text-fg-3 text-xs">{words}</span>
      </Tooltip>
    )
  return (
    <Menu>
      <MenuTrigger asChild>
        <Button
          size="sm"
          variant="quiet"
          aria-label={`Monitoring of ${user.email}: ${label}`}
          className="tabular px-1.5 font-normal"
        >
          {words}
        </Button>
      </MenuTrigger>
      <MenuContent align="end">
        <p className="px-2 py-1 text-fg-3 text-xs">Set by {user.by}</p>
        <MenuItem icon={Clock} onSelect={() => onMonitor(user)}>
          Set another end
        </MenuItem>
        <MenuItem icon={Eye} danger onSelect={() => end.mutate()}>
          End monitoring
        </MenuItem>
      </MenuContent>
    </Menu>
  )
}

interface OthersProps {
  words: string
  known: readonly MonitoredUser[]
  onMonitor: (person: Person) => void
}

/** People who are not monitored: those that the words find, or a few recent ones while nobody is. */
function Others({ words, known, onMonitor }: OthersProps) {
  const manages = may(useMe(), "monitoring.manage")
  const q = useDeferredValue(words)
  const wanted = manages && (q !== "" || known.length === 0)
  const { data } = useQuery({ ...userSearchQuery(q), enabled: wanted })
  const others = wanted
    ? data?.items.filter((user) => !known.some((one) => one.user_id === user.user_id))
    : []
  if (!others?.length)
    return words && known.every(({ name, email }) => !`${name} ${email}`.toLowerCase().includes(words)) ? (
      <li className="px-3 py-4 text-center text-fg-2">Nobody is found by that.</li>
    ) : null
  return (
    <>
      <li className="px-2 pt-2 pb-1 text-fg-3 text-xs">
        {plural(others.length, "person is", "people are")} not monitored
      </li>
      {others.map((user) => (
        <li key={user.user_id} className="flex items-center gap-2 px-2 py-1">
          <span className="min-w-0 flex-1">
            <UserChip person={user} short />
          </span>
          <Button
            size="sm"
            variant="quiet"
            icon={Plus}
            aria-label={`Monitor ${user.name || user.email}`}
            onClick={() => onMonitor(user)}
          >
            Monitor
          </Button>
        </li>
      ))}
    </>
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
