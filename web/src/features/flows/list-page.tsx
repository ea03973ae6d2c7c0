/** All flows: filters in the URL, a side peek that J and K walk through. */
import { useQuery } from "@tanstack/react-query"
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router"
import { MessageSquare, X } from "lucide-react"
import { usePersonSearch } from "@/api/person-search"
import type { FlowRow } from "@/api/shapes"
import { userQuery } from "@/api/users"
import { momentWords } from "@/lib/time"
import { Button, buttonStyle } from "@/ui/button"
import { MultiSelect } from "@/ui/multi-select"
import { FilterBar, Page } from "@/ui/page"
import { Peek } from "@/ui/peek"
import { SearchField } from "@/ui/search-field"
import { Select } from "@/ui/select"
import { EmptyState } from "@/ui/states"
import { UserPicker } from "@/ui/user-picker"
import { FlowTable } from "./flow-table"
import { FlowView } from "./flow-view"
import { type FlowsSearch, sources, statuses, statusesIn, statusWords } from "./words"

const route = getRouteApi("/shell/admin/flows")
const any = "any"

export function FlowsPage() {
  const { peek, ...filter } = route.useSearch()
  const navigate = useNavigate({ from: "/admin/flows" })
  const set = (change: FlowsSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  const open = (flow: FlowRow) =>
    flow.flow_id === peek
      ? void navigate({ to: "/admin/flows/$id", params: { id: flow.flow_id } })
      : set({ peek: flow.flow_id })
  return (
    <Page
      title="Flows"
      words="Every interaction from every door, step by step, as it is stored."
      bar={<Filters search={filter} onChange={set} />}
    >
      <div className="rounded border bg-surface">
        <FlowTable
          filter={filter}
          empty={<NoFlows />}
          onClearFilters={
            Object.keys(filter).length > 0 ? () => void navigate({ search: {}, replace: true }) : null
          }
          onOpen={open}
          active={peek ?? null}
          onActive={(flow) => peek && set({ peek: flow.flow_id })}
        />
      </div>
      {peek && (
        <Peek
          label="Flow"
          title="Flow"
          onClose={() => set({ peek: undefined })}
          onOpen={() => void navigate({ to: "/admin/flows/$id", params: { id: peek } })}
        >
          <PeekBody key={peek} flow_id={peek} />
        </Peek>
      )}
    </Page>
  )
}

function PeekBody({ flow_id }: { flow_id: string }) {
  const navigate = useNavigate()
  return (
    <div className="p-4">
      <FlowView
        flow_id={flow_id}
        step={null}
        onStep={(step) =>
          void navigate({
            to: "/admin/flows/$id",
            params: { id: flow_id },
            search: step === null ? {} : { step },
          })
        }
        shape="cards"
        onShape={(view) =>
          void navigate({ to: "/admin/flows/$id", params: { id: flow_id }, search: { view } })
        }
        keyboard={false}
      />
    </div>
  )
}

interface FiltersProps {
  search: FlowsSearch
  onChange: (change: FlowsSearch) => void
}

function Filters({ search, onChange }: FiltersProps) {
  return (
    <FilterBar>
      <SearchField
        label="Search words, people, flow ids"
        value={search.q ?? ""}
        onValue={(q) => onChange({ q: q || undefined })}
        className="w-full sm:w-72"
      />
      <PersonFilter user_id={search.user ?? null} onChange={(user) => onChange({ user })} />
      <MultiSelect
        label="Outcome"
        any="Any outcome"
        values={statusesIn(search.status)}
        onValues={(chosen) => onChange({ status: statusWords(chosen) })}
        options={optionsOf(statuses)}
        className="w-44"
      />
      <Select
        label="Door"
        value={search.source ?? any}
        onValue={(source) => onChange({ source: source === any ? undefined : source })}
        options={[{ value: any, label: "Any door" }, ...optionsOf(sources)]}
        className="w-32"
      />
      {search.since && (
        <Button icon={X} onClick={() => onChange({ since: undefined })}>
          Since {momentWords(new Date(search.since), new Date())}
        </Button>
      )}
      {search.conversation && (
        <Button icon={X} onClick={() => onChange({ conversation: undefined })}>
          One conversation
        </Button>
      )}
    </FilterBar>
  )
}

function PersonFilter({
  user_id,
  onChange,
}: {
  user_id: string | null
  onChange: (user_id: string | undefined) => void
}) {
  const search = usePersonSearch()
  const { data } = useQuery({ ...userQuery(user_id ?? ""), enabled: user_id !== null })
  const person = user_id ? (data ?? { user_id, name: null, email: user_id }) : null
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

function NoFlows() {
  return (
    <EmptyState
      icon={MessageSquare}
      title="No flow yet"
      words="A flow is recorded whenever somebody asks in chat or calls a tool through MCP. Ask something to see the first one."
    >
      <Link to="/chat" className={buttonStyle({ variant: "primary" })}>
        Open chat
      </Link>
    </EmptyState>
  )
}

function optionsOf<K extends string>(words: Record<K, string>) {
  return (Object.entries(words) as [K, string][]).map(([value, label]) => ({ value, label }))
}
