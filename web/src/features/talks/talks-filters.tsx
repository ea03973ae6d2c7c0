/** By what conversations are found: words, a person, days, a server, what came of a turn. */
import { useQuery } from "@tanstack/react-query"
import { usePersonSearch } from "@/api/person-search"
import { serversQuery } from "@/api/servers"
import { userQuery } from "@/api/users"
import { verdicts } from "@/ui/badge"
import { Input } from "@/ui/input"
import { MultiSelect } from "@/ui/multi-select"
import { FilterBar } from "@/ui/page"
import { SearchField } from "@/ui/search-field"
import { Select } from "@/ui/select"
import { UserPicker } from "@/ui/user-picker"
import type { TalksSearch } from "./talks-search"

const any = "any"
const outcomes = ["ok", "denied", "blocked", "failed", "cancelled", "unknown"] as const

interface FiltersProps {
  search: TalksSearch
  onChange: (change: TalksSearch) => void
}

export function TalkFilters({ search, onChange }: FiltersProps) {
  return (
    <FilterBar>
      <SearchField
        label="Words that were said"
        value={search.q ?? ""}
        onValue={(q) => onChange({ q: q || undefined })}
        className="w-full sm:w-72"
      />
      <Person user_id={search.user ?? null} onChange={(user) => onChange({ user })} />
      <MultiSelect
        label="Outcome"
        any="Any outcome"
        values={search.status?.split(",") ?? []}
        onValues={(chosen) => onChange({ status: chosen.join(",") || undefined })}
        options={outcomes.map((value) => ({ value, label: verdicts[value].words }))}
        className="w-40"
      />
      <Server server={search.server} onChange={(server) => onChange({ server })} />
      <Day label="From" value={search.from} onValue={(from) => onChange({ from })} />
      <Day label="To" value={search.to} onValue={(to) => onChange({ to })} />
    </FilterBar>
  )
}

function Person({
  user_id,
  onChange,
}: {
  user_id: string | null
  onChange: (user_id: string | undefined) => void
}) {
  const search = usePersonSearch()
  const { data } = useQuery({ ...userQuery(user_id ?? ""), enabled: user_id !== null })
  const person = user_id ? (data ?? { user_id, name: "", email: user_id }) : null
  return (
    <UserPicker
      {...search}
      label="Anybody"
      value={person}
      onValue={(chosen) => onChange(chosen?.user_id)}
      className="w-52"
    />
  )
}

function Server({
  server,
  onChange,
}: {
  server: string | undefined
  onChange: (server: string | undefined) => void
}) {
  const { data = [] } = useQuery({ ...serversQuery, refetchInterval: false })
  const known = data.map((one) => ({ value: one.slug, label: one.title }))
  const other = server && !data.some((one) => one.slug === server) ? [{ value: server, label: server }] : []
  return (
    <Select
      label="Server"
      value={server ?? any}
      onValue={(value) => onChange(value === any ? undefined : value)}
      options={[{ value: any, label: "Any server" }, ...known, ...other]}
      className="w-40"
    />
  )
}

interface DayProps {
  label: string
  value: string | undefined
  onValue: (value: string | undefined) => void
}

function Day({ label, value, onValue }: DayProps) {
  return (
    <Input
      type="date"
      aria-label={label}
      title={label}
      value={value ?? ""}
      onChange={(event) => onValue(event.target.value || undefined)}
      className="w-36 border-border"
    />
  )
}
