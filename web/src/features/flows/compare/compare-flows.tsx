/** Two flows side by side: the difference in words, figures, then their steps aligned. */
import { useQuery } from "@tanstack/react-query"
import { Link, useNavigate } from "@tanstack/react-router"
import { ArrowLeft, Play, Users } from "lucide-react"
import { useMemo } from "react"
import { checkpointsQuery, flowQuery } from "@/api/flows"
import { errorState } from "@/api/pages"
import type { Checkpoint, FlowRow } from "@/api/shapes"
import { plural } from "@/lib/format"
import { VerdictChip } from "@/ui/badge"
import { buttonStyle } from "@/ui/button"
import { Switch } from "@/ui/choice"
import { Icon } from "@/ui/icon"
import { backStyle, Page } from "@/ui/page"
import { EmptyState, ErrorState, Skeleton } from "@/ui/states"
import { Time } from "@/ui/time"
import { UserChip } from "@/ui/user-chip"
import { VirtualList } from "@/ui/virtual-list"
import { stepsOf } from "../steps"
import { most_steps } from "./align"
import { compared, figuresOf } from "./differences"
import { FigureTable } from "./figure-table"
import { PairRow } from "./pair-row"
import { differenceInWords, sideNames } from "./sentence"

interface CompareFlowsProps {
  a: string
  b: string
  only: boolean
  onOnly: (only: boolean) => void
}

export function CompareFlows({ a, b, only, onOnly }: CompareFlowsProps) {
  const queries = [useQuery(flowQuery(a)), useQuery(flowQuery(b))] as const
  const steps = [useQuery(checkpointsQuery(a)), useQuery(checkpointsQuery(b))] as const
  const [first, second] = [queries[0].data, queries[1].data]
  const error = [...queries, ...steps].map(errorState).find(Boolean)
  const ready = first && second && steps[0].data && steps[1].data
  return (
    <Page
      title="Compare two flows"
      actions={
        <>
          {first && second && first.user_id !== second.user_id && (
            <Link
              to="/admin/compare"
              search={{ a: first.user_id, b: second.user_id }}
              className={buttonStyle()}
            >
              <Icon of={Users} />
              Compare people
            </Link>
          )}
          <Link to="/admin/playback" search={{ flows: `${a},${b}` }} className={buttonStyle()}>
            <Icon of={Play} />
            Play both
          </Link>
        </>
      }
      bar={
        <Link to="/admin/flows" className={backStyle}>
          <Icon of={ArrowLeft} size={14} />
          Flows
        </Link>
      }
    >
      {ready && steps[0].data && steps[1].data ? (
        <Compared
          flows={[first, second]}
          checkpoints={[steps[0].data, steps[1].data]}
          only={only}
          onOnly={onOnly}
        />
      ) : error ? (
        <ErrorState title="These flows cannot be compared" {...error} />
      ) : (
        <Skeleton className="h-64" />
      )}
    </Page>
  )
}

interface ComparedProps {
  flows: readonly [FlowRow, FlowRow]
  checkpoints: readonly [Checkpoint[], Checkpoint[]]
  only: boolean
  onOnly: (only: boolean) => void
}

function Compared({ flows, checkpoints, only, onOnly }: ComparedProps) {
  const navigate = useNavigate()
  const a = useMemo(() => stepsOf(checkpoints[0], flows[0].status), [checkpoints, flows])
  const b = useMemo(() => stepsOf(checkpoints[1], flows[1].status), [checkpoints, flows])
  const pairs = useMemo(() => compared(a, b), [a, b])
  const names = sideNames(...flows)
  const words = differenceInWords(
    { name: names[0], flow: flows[0] },
    { name: names[1], flow: flows[1] },
    pairs,
  )
  const shown = only ? pairs.filter(({ state }) => state !== "same") : pairs
  const cut = Math.max(a.length, b.length) > most_steps
  return (
    <>
      <div role="status" className="max-w-[90ch]">
        {words.map((sentence, i) => (
          <p key={sentence} className={i === 0 ? "font-semibold text-lg" : "text-fg-2"}>
            {sentence}
          </p>
        ))}
        {cut && (
          <p className="text-warn">Only the first {plural(most_steps, "step")} of each are compared.</p>
        )}
      </div>
      <FigureTable names={names} a={figuresOf(a)} b={figuresOf(b)} />
      <section aria-label="Steps side by side" className="min-w-0 rounded border bg-surface">
        <header className="grid grid-cols-2 border-b">
          {flows.map((flow) => (
            <SideHead key={flow.flow_id} flow={flow} />
          ))}
        </header>
        <div className="border-b px-3 py-2">
          <Switch label="Only differences" checked={only} onChecked={onOnly} />
        </div>
        {shown.length === 0 && <EmptyState title="No step differs" words="Both took the same way." />}
        <VirtualList
          items={shown}
          itemKey={(pair) => pair.key}
          line_px={42}
          line={(pair) => (
            <PairRow
              pair={pair}
              names={names}
              onOpen={(side, step) =>
                void navigate({
                  to: "/admin/flows/$id",
                  params: { id: flows[side === "a" ? 0 : 1].flow_id },
                  search: { step },
                })
              }
            />
          )}
        />
      </section>
    </>
  )
}

function SideHead({ flow }: { flow: FlowRow }) {
  return (
    <div className="flex min-w-0 flex-col gap-1 border-r px-3 py-2 last:border-r-0">
      <span className="flex min-w-0 flex-wrap items-center gap-2">
        <VerdictChip verdict={flow.status} />
        <UserChip short person={{ user_id: flow.user_id, name: flow.user_name, email: flow.user_email }} />
        <Time at={flow.started_at} className="text-fg-3 text-xs" />
      </span>
      <Link
        to="/admin/flows/$id"
        params={{ id: flow.flow_id }}
        className="truncate text-fg-2 text-xs hover:underline"
      >
        {flow.title}
      </Link>
    </div>
  )
}
