/** Two flows side by side: the difference in words, figures, then their steps aligned. */
import { useQuery } from "@tanstack/react-query"
import { Link, useNavigate } from "@tanstack/react-router"
import { ArrowLeft, Play, Users } from "lucide-react"
import { useMemo } from "react"
import { checkpointsQuery, flowQuery, isWhole } from "@/api/flows"
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
import { useInWorker } from "@/ui/worker"
import { type Step, stepsOf } from "../steps"
import { most_steps } from "./align"
import { type ComparedPair, figuresOf } from "./differences"
import { FigureTable } from "./figure-table"
import { PairRow } from "./pair-row"
import { differenceInWords, sideNames } from "./sentence"
import { heard, type ToldPair } from "./told"

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
  const [of_first, of_second] = [steps[0].data, steps[1].data]
  const ready = first && second && of_first && of_second
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
      {ready && isWhole(first, of_first) && isWhole(second, of_second) ? (
        <Compared flows={[first, second]} checkpoints={[of_first, of_second]} only={only} onOnly={onOnly} />
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

interface Sides {
  a: Step[]
  b: Step[]
}

function startWorker(): Worker {
  return new Worker(new URL("./compare.worker.ts", import.meta.url), { type: "module" })
}

function useSides(checkpoints: ComparedProps["checkpoints"], flows: ComparedProps["flows"]): Sides {
  const [of_a, of_b] = checkpoints
  const [{ status: status_a }, { status: status_b }] = flows
  return useMemo(
    () => ({ a: stepsOf(of_a, status_a), b: stepsOf(of_b, status_b) }),
    [of_a, of_b, status_a, status_b],
  )
}

function Compared({ flows, checkpoints, only, onOnly }: ComparedProps) {
  const sides = useSides(checkpoints, flows)
  const { a, b } = sides
  const answer = useInWorker<Sides, ToldPair[]>(startWorker, sides)
  const pairs = useMemo(() => answer && heard(answer, a, b), [answer, a, b])
  const names = sideNames(...flows)
  const cut = Math.max(a.length, b.length) > most_steps
  return (
    <>
      <div role="status" aria-busy={pairs === null} className="max-w-[90ch]">
        {pairs ? <Words flows={flows} names={names} pairs={pairs} /> : <Skeleton className="h-6 w-96" />}
        {cut && (
          <p className="text-warn">Only the first {plural(most_steps, "step")} of each are compared.</p>
        )}
      </div>
      <FigureTable names={names} a={figuresOf(a)} b={figuresOf(b)} />
      {pairs ? (
        <SideBySide flows={flows} names={names} pairs={pairs} only={only} onOnly={onOnly} />
      ) : (
        <Skeleton className="h-64" />
      )}
    </>
  )
}

interface DifferenceProps {
  flows: readonly [FlowRow, FlowRow]
  names: [string, string]
  pairs: readonly ComparedPair[]
}

function Words({ flows, names, pairs }: DifferenceProps) {
  const [a, b] = [
    { name: names[0], flow: flows[0] },
    { name: names[1], flow: flows[1] },
  ]
  return differenceInWords(a, b, pairs).map((sentence, i) => (
    <p key={sentence} className={i === 0 ? "font-semibold text-lg" : "text-fg-2"}>
      {sentence}
    </p>
  ))
}

interface SideBySideProps extends DifferenceProps {
  only: boolean
  onOnly: (only: boolean) => void
}

function SideBySide({ flows, names, pairs, only, onOnly }: SideBySideProps) {
  const navigate = useNavigate()
  const shown = only ? pairs.filter(({ state }) => state !== "same") : pairs
  return (
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
