/** The last 30 things that people did, filtered by person and type; the URL holds both. */
import { useQuery } from "@tanstack/react-query"
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router"
import { Activity as ActivityIcon, Ban, LogIn, MessageSquare, Settings2, ShieldX, Wrench } from "lucide-react"
import { errorState } from "@/api/pages"
import { usePersonSearch } from "@/api/person-search"
import type { Activity, ActivityType } from "@/api/shapes"
import { userQuery } from "@/api/users"
import { verdicts } from "@/ui/badge"
import { Button } from "@/ui/button"
import { Card } from "@/ui/card"
import { Icon, type LucideIcon } from "@/ui/icon"
import { Select } from "@/ui/select"
import { EmptyState, ErrorState, Skeleton } from "@/ui/states"
import { Time } from "@/ui/time"
import { UserPicker } from "@/ui/user-picker"
import { activity_types, type OverviewSearch } from "./overview-search"
import { activityQuery } from "./queries"

const route = getRouteApi("/shell/admin")
const any = "any"

const icons: Record<ActivityType, LucideIcon> = {
  sign_in: LogIn,
  message: MessageSquare,
  tool_call: Wrench,
  denial: ShieldX,
  block: Ban,
  config: Settings2,
}

export function Activities() {
  const filter = route.useSearch()
  const navigate = useNavigate({ from: "/admin" })
  const query = useQuery(activityQuery(filter))
  const error = errorState(query)
  const set = (change: OverviewSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false })
  const filtered = Boolean(filter.user || filter.type)
  return (
    <Card title="Recent activities" flush actions={<Filters filter={filter} onChange={set} />}>
      {query.data ? (
        query.data.items.length > 0 ? (
          <ul className="divide-y">
            {query.data.items.map((activity) => (
              <ActivityLine
                key={`${activity.at} ${activity.flow_id ?? activity.sentence}`}
                activity={activity}
              />
            ))}
          </ul>
        ) : filtered ? (
          <EmptyState title="Nothing matches these filters">
            <Button onClick={() => set({ user: undefined, type: undefined })}>Clear filters</Button>
          </EmptyState>
        ) : (
          <EmptyState
            icon={ActivityIcon}
            title="Nothing happened yet"
            words="Sign-ins, messages, tool calls, denials, blocks and changes appear here as they happen."
          />
        )
      ) : error ? (
        <ErrorState {...error} />
      ) : (
        <div aria-busy="true" className="flex flex-col gap-3 p-4">
          {["a", "b", "c", "d", "e"].map((line) => (
            <Skeleton key={line} className="h-4 w-full" />
          ))}
        </div>
      )}
    </Card>
  )
}

function ActivityLine({ activity }: { activity: Activity }) {
  const { verdict, flow_id } = activity
  const bad = verdict === "denied" || verdict === "failed"
  const line = (
    <>
      <Icon of={icons[activity.type]} size={14} className={bad ? "mt-0.5 text-bad" : "mt-0.5 text-fg-3"} />
      <span className="min-w-0 flex-1 break-words">
        {activity.sentence}
        {bad && <span className="sr-only"> {verdicts[verdict].words}</span>}
      </span>
      <Time at={activity.at} className="text-fg-3 text-xs" />
    </>
  )
  const style = "flex items-start gap-2.5 px-4 py-2"
  if (!flow_id) return <li className={style}>{line}</li>
  return (
    <li>
      <Link
        to="/admin/flows/$id"
        params={{ id: flow_id }}
        className={`${style} transition-colors hover:bg-hover focus-visible:outline-offset-[-2px]`}
      >
        {line}
      </Link>
    </li>
  )
}

interface FiltersProps {
  filter: OverviewSearch
  onChange: (change: OverviewSearch) => void
}

function Filters({ filter, onChange }: FiltersProps) {
  const search = usePersonSearch()
  const { user = null, type } = filter
  const { data } = useQuery({ ...userQuery(user ?? ""), enabled: user !== null })
  const person = user ? (data ?? { user_id: user, name: null, email: user }) : null
  return (
    <div className="flex flex-wrap justify-end gap-2 [&_button]:border-border">
      <UserPicker
        {...search}
        label="Anybody"
        value={person}
        onValue={(chosen) => onChange({ user: chosen?.user_id })}
        className="w-36 sm:w-44"
      />
      <Select
        label="Type"
        value={type ?? any}
        onValue={(next) => onChange({ type: next === any ? undefined : next })}
        options={[
          { value: any, label: "All types" },
          ...(Object.entries(activity_types) as [ActivityType, string][]).map(([value, label]) => ({
            value,
            label,
          })),
        ]}
        className="w-32"
      />
    </div>
  )
}
