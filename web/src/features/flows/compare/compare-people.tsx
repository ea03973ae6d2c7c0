/** Two people over a time: what they may do, with the rules, and what each did. */
import { useQuery } from "@tanstack/react-query"
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router"
import { Play, Users } from "lucide-react"
import type { ReactNode } from "react"
import { type PeopleDifference, type PersonPeriod, peopleDifferenceQuery } from "@/api/compare"
import { errorState } from "@/api/pages"
import { usePersonSearch } from "@/api/person-search"
import { userQuery } from "@/api/users"
import { count, plural } from "@/lib/format"
import { momentWords } from "@/lib/time"
import { buttonStyle } from "@/ui/button"
import { Card } from "@/ui/card"
import { Icon } from "@/ui/icon"
import { FilterBar, Page } from "@/ui/page"
import { Select } from "@/ui/select"
import { EmptyState, ErrorState, Skeleton } from "@/ui/states"
import { UserChip } from "@/ui/user-chip"
import { UserPicker } from "@/ui/user-picker"
import { statuses } from "../words"
import { Differences } from "./access-changes"
import type { CompareSearch } from "./compare-search"
import { FigureTable } from "./figure-table"

const route = getRouteApi("/shell/admin/compare")
const spans = { "1": "24 hours", "7": "7 days", "30": "30 days" }
const day_ms = 86_400_000

export function ComparePeoplePage() {
  const search = route.useSearch()
  const navigate = useNavigate({ from: "/admin/compare" })
  const set = (change: CompareSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  const { a, b, until } = search
  const since = search.since ?? daysAgo(1)
  return (
    <Page
      title="Compare two people"
      words="What they may do now, with the rule that decides, and what each did in this time."
      actions={
        a && b ? (
          <Link to="/admin/playback" search={{ a, b, since, until }} className={buttonStyle()}>
            <Icon of={Play} />
            Play both
          </Link>
        ) : null
      }
      bar={
        <FilterBar>
          <PersonField user_id={a} label="One person" onChange={(next) => set({ a: next })} />
          <PersonField user_id={b} label="Another person" onChange={(next) => set({ b: next })} />
          <Select
            label="Time"
            value={spanOf(since)}
            onValue={(days) => days !== own_span && set({ since: daysAgo(Number(days)), until: undefined })}
            options={spanOptions(since)}
            className="w-52"
          />
        </FilterBar>
      }
    >
      {a && b ? (
        <Compared pair={{ a, b, since, ...(until ? { until } : {}) }} />
      ) : (
        <EmptyState
          icon={Users}
          title="Choose two people"
          words="Their permissions are compared also when neither has used anything yet. To compare two flows, pick two in the list of flows."
        >
          <Link to="/admin/flows" className={buttonStyle()}>
            Flows
          </Link>
        </EmptyState>
      )}
    </Page>
  )
}

function Compared({ pair }: { pair: { a: string; b: string; since: string; until?: string } }) {
  const query = useQuery(peopleDifferenceQuery(pair))
  const error = errorState(query)
  if (query.data) return <Shown difference={query.data} />
  return error ? <ErrorState {...error} /> : <Skeleton className="h-64" />
}

function Shown({ difference: { sentences, a, b, access } }: { difference: PeopleDifference }) {
  const names: [string, string] = a.name === b.name ? [a.email, b.email] : [a.name, b.name]
  return (
    <>
      <div role="status" className="max-w-[90ch]">
        {sentences.map((sentence, i) => (
          <p key={sentence} className={i === 0 ? "font-semibold text-lg" : "text-fg-2"}>
            {sentence}
          </p>
        ))}
      </div>
      <Card title="What they may use now" words="Decisions that differ first, then those by another rule.">
        <Differences difference={access} names={names} />
      </Card>
      <FigureTable names={names} a={a} b={b} time="Mean time of a flow" />
      <div className="grid min-w-0 gap-4 md:grid-cols-2">
        <Did person={a} />
        <Did person={b} />
      </div>
    </>
  )
}

function Did({ person }: { person: PersonPeriod }) {
  const outcomes = Object.entries(person.by_status).map(
    ([status, n]) => `${count(n)} ${(statuses[status as keyof typeof statuses] ?? status).toLowerCase()}`,
  )
  return (
    <Card
      title={<UserChip person={person} />}
      words={`${plural(person.flows, "flow")}${outcomes.length > 0 ? `: ${outcomes.join(", ")}` : ""}`}
      actions={
        <Link to="/admin/flows" search={{ user: person.user_id }} className={buttonStyle({ size: "sm" })}>
          Flows
        </Link>
      }
    >
      {person.tools.length === 0 ? (
        <p className="text-fg-3 text-xs">No tool was called.</p>
      ) : (
        <ul className="flex flex-col gap-1 text-xs">
          {person.tools.map(({ server, tool, calls, not_ok }) => (
            <Line key={`${server}.${tool}`} name={`${server}.${tool}`}>
              {plural(calls, "call")}
              {not_ok > 0 && <span className="text-bad">, {count(not_ok)} not well</span>}
            </Line>
          ))}
        </ul>
      )}
    </Card>
  )
}

function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <li className="flex min-w-0 justify-between gap-3">
      <code className="truncate text-2xs">{name}</code>
      <span className="tabular shrink-0 text-fg-2">{children}</span>
    </li>
  )
}

interface PersonFieldProps {
  user_id: string | undefined
  label: string
  onChange: (user_id: string | undefined) => void
}

function PersonField({ user_id, label, onChange }: PersonFieldProps) {
  const search = usePersonSearch()
  const { data } = useQuery({ ...userQuery(user_id ?? ""), enabled: user_id !== undefined })
  const person = user_id ? (data ?? { user_id, name: null, email: user_id }) : null
  return (
    <UserPicker
      {...search}
      label={label}
      value={person}
      onValue={(chosen) => onChange(chosen?.user_id)}
      className="w-56"
    />
  )
}

/** To the hour, so that the same question has the same address for a while. */
function daysAgo(days: number): string {
  const hour_ms = 3_600_000
  const at_ms = Math.floor((Date.now() - days * day_ms) / hour_ms) * hour_ms
  return new Date(at_ms).toISOString()
}

const own_span = "own"

function spanOf(since: string): string {
  const days = (Date.now() - Date.parse(since)) / day_ms
  return Object.keys(spans).find((each) => Math.abs(days - Number(each)) < 0.1) ?? own_span
}

/** A moment of the address that is none of the usual ones stays one of the choices. */
function spanOptions(since: string) {
  const usual = Object.entries(spans).map(([value, words]) => ({ value, label: `The last ${words}` }))
  if (spanOf(since) !== own_span) return usual
  return [...usual, { value: own_span, label: `Since ${momentWords(new Date(since), new Date())}` }]
}
