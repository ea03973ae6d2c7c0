/** What two accesses differ in: each thing with the decision and the rule of both sides. */
import { useQuery } from "@tanstack/react-query"
import { Check, Minus, Unplug, X } from "lucide-react"
import { type AccessChange, type AccessDifference, accessDifferenceQuery, type Standing } from "@/api/compare"
import { errorState } from "@/api/pages"
import { count, plural } from "@/lib/format"
import { cn } from "@/ui/cn"
import { Icon } from "@/ui/icon"
import { ErrorState, Skeleton } from "@/ui/states"
import { VirtualList } from "@/ui/virtual-list"
import { innerName } from "./sentence"

export function AccessChanges({
  accesses: [a, b],
  names,
}: {
  accesses: [string, string]
  names: [string, string]
}) {
  const query = useQuery(accessDifferenceQuery(a, b))
  const error = errorState(query)
  if (query.data) return <Differences difference={query.data} names={names} />
  return error ? <ErrorState {...error} /> : <Skeleton className="h-16" />
}

export function Differences({
  difference,
  names,
}: {
  difference: AccessDifference
  names: [string, string]
}) {
  const { only_a, only_b, both, changes, total } = difference
  return (
    <div className="flex min-w-0 flex-col gap-2 text-xs">
      <p className="tabular flex flex-wrap gap-x-3 text-fg-2">
        <span>{plural(both, "tool")} for both</span>
        <span>
          {count(only_a)} for {innerName(names[0])} alone
        </span>
        <span>
          {count(only_b)} for {innerName(names[1])} alone
        </span>
      </p>
      {changes.length > 0 && (
        <VirtualList
          items={changes}
          itemKey={(change) => `${change.what} ${change.server} ${change.name}`}
          line_px={30}
          className="rounded border"
          line={(change) => <Change change={change} names={names} />}
        />
      )}
      {total > changes.length && <p className="text-fg-3">{count(total - changes.length)} more differ.</p>}
    </div>
  )
}

function Change({ change, names }: { change: AccessChange; names: [string, string] }) {
  const thing = change.name === null ? change.server : `${change.server}.${change.name}`
  return (
    <div className="grid grid-cols-2 gap-x-3 gap-y-0.5 border-b px-2.5 py-1.5 sm:grid-cols-[minmax(0,1.2fr)_minmax(0,1fr)_minmax(0,1fr)]">
      <span className="min-w-0 break-all font-mono text-2xs leading-5 max-sm:col-span-2">
        {change.what !== "tool" && <span className="text-fg-3">{change.what} </span>}
        {thing}
      </span>
      <Decided standing={change.a} name={names[0]} />
      <Decided standing={change.b} name={names[1]} />
    </div>
  )
}

const looks = {
  allowed: { icon: Check, tone: "text-ok", words: "may" },
  denied: { icon: X, tone: "text-bad", words: "may not" },
  unavailable: { icon: Unplug, tone: "text-fg-3", words: "not there" },
} as const

function Decided({ standing, name }: { standing: Standing | null; name: string }) {
  const { icon, tone, words } = standing
    ? looks[standing.decision]
    : { icon: Minus, tone: "text-fg-3", words: "not known" }
  return (
    <span className="flex min-w-0 items-start gap-1.5">
      <Icon of={icon} size={14} className={cn("mt-0.5", tone)} />
      <span className="min-w-0 break-words">
        <span className="sr-only">{name}: </span>
        <span className={tone}>{words}</span>
        {standing?.rule && <span className="text-fg-2">, {standing.rule}</span>}
      </span>
    </span>
  )
}
