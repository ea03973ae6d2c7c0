/** By what a query can be narrowed, with how many flows each choice has; every choice is a part of the query. */
import { keepPreviousData, useQuery } from "@tanstack/react-query"
import { countsQuery, type Facet, type FlowCounts } from "@/api/history"
import { usePersonSearch } from "@/api/person-search"
import { userQuery } from "@/api/users"
import { compact, count, plural } from "@/lib/format"
import { MultiSelect } from "@/ui/multi-select"
import { FilterBar } from "@/ui/page"
import { Skeleton } from "@/ui/states"
import { Time } from "@/ui/time"
import { UserPicker } from "@/ui/user-picker"
import { valuesOf, withValues } from "./query-text"
import { TimeFacet } from "./query-time"
import { sources, statuses } from "./words"

interface FacetsProps {
  q: string
  onQuery: (q: string) => void
}

export function QueryFacets({ q, onQuery }: FacetsProps) {
  const { data } = useQuery({ ...countsQuery(q), placeholderData: keepPreviousData })
  const narrow = (key: string) => (values: string[]) => onQuery(withValues(q, key, values))
  return (
    <FilterBar>
      <PersonFacet q={q} onQuery={onQuery} />
      <MultiSelect
        label="Outcome"
        any="Any outcome"
        values={valuesOf(q, "status")}
        onValues={narrow("status")}
        options={optionsOf(statuses, data?.status)}
        className="w-44"
      />
      <MultiSelect
        label="Door"
        any="Any door"
        values={valuesOf(q, "source")}
        onValues={narrow("source")}
        options={optionsOf(sources, data?.source)}
        className="w-32"
      />
      <ServerFacet q={q} onServers={narrow("server")} facets={data?.server} />
      <TimeFacet q={q} onQuery={onQuery} />
      <Counted q={q} counts={data} />
    </FilterBar>
  )
}

/** People are found by autocomplete; the query names them by their e-mail. */
function PersonFacet({ q, onQuery }: FacetsProps) {
  const search = usePersonSearch()
  const named = valuesOf(q, "user")
  const [value] = named
  const id = value !== undefined && uuid.test(value) ? value : null
  const { data } = useQuery({ ...userQuery(id ?? ""), enabled: id !== null })
  const person = named.length === 1 && value ? (data ?? { user_id: value, name: "", email: value }) : null
  return (
    <UserPicker
      {...search}
      label="Anybody"
      value={person}
      onValue={(chosen) => onQuery(withValues(q, "user", chosen ? [chosen.email] : []))}
      className="w-52"
    />
  )
}

interface ServerFacetProps {
  q: string
  onServers: (servers: string[]) => void
  facets: readonly Facet[] | undefined
}

function ServerFacet({ q, onServers, facets = [] }: ServerFacetProps) {
  const chosen = valuesOf(q, "server")
  const options = [
    ...facets.map((one) => ({ value: one.value, label: one.label, note: compact(one.count) })),
    ...chosen
      .filter((value) => !facets.some((one) => one.value === value))
      .map((value) => ({ value, label: value })),
  ]
  return (
    <MultiSelect
      label="Server"
      any="Any server"
      values={chosen}
      onValues={onServers}
      options={options}
      className="w-40"
    />
  )
}

/** How many there are, when it is known: the list does not wait for it. */
function Counted({ q, counts }: { q: string; counts: FlowCounts | undefined }) {
  if (!counts) return <Skeleton className="ml-auto h-4 w-20" />
  const { capped, searched_to } = counts
  return (
    <p aria-live="polite" className="tabular ml-auto text-fg-2 text-xs">
      {capped ? `${count(counts.count)}+ flows` : plural(counts.count, "flow")}
      {!capped && searched_to && q && (
        <>
          {" "}
          since <Time at={searched_to} />
        </>
      )}
    </p>
  )
}

const uuid = /^[0-9a-f]{8}-[0-9a-f-]{27}$/

function optionsOf(words: Record<string, string>, facets: readonly Facet[] = []) {
  return Object.entries(words).map(([value, label]) => {
    const found = facets.find((one) => one.value === value)
    return { value, label, note: found && compact(found.count) }
  })
}
