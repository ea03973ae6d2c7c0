/** One flow: the outcome in a sentence, the strip of steps, then its steps as cards, timeline, graph or JSON. */
import { useQuery } from "@tanstack/react-query"
import { Play } from "lucide-react"
import { lazy, Suspense, useMemo } from "react"
import { checkpointsQuery, flowQuery, isWhole } from "@/api/flows"
import { errorState } from "@/api/pages"
import type { Checkpoint, FlowRow } from "@/api/shapes"
import { Button } from "@/ui/button"
import { Segmented } from "@/ui/choice"
import type { Json } from "@/ui/json-model"
import { JsonTree } from "@/ui/json-tree"
import { useShortcuts } from "@/ui/shortcuts"
import { EmptyState, ErrorState, Skeleton } from "@/ui/states"
import { StepCards } from "./cards"
import { FlowHead } from "./flow-head"
import type { FlowShape } from "./flow-search"
import { Legend } from "./legend"
import { refusalIn } from "./outcome"
import { clientOf, firstToLookAt, holds, opensByItself, type Step, stepsOf, traceOf } from "./steps"
import { Strip } from "./strip"

const Graph = lazy(() => import("./graph-view").then(({ Graph }) => ({ default: Graph })))
const PlayedFlow = lazy(() =>
  import("./player/played-flow").then(({ PlayedFlow }) => ({ default: PlayedFlow })),
)
const Timeline = lazy(() => import("./timeline-view").then(({ Timeline }) => ({ default: Timeline })))

const shape_options = [
  { value: "cards", label: "Cards" },
  { value: "timeline", label: "Timeline" },
  { value: "graph", label: "Graph" },
  { value: "json", label: "JSON" },
] as const

/** What is shown of a flow's steps, and how. */
export interface StepsShown {
  step: number | null
  onStep: (step: number | null) => void
  shape: FlowShape
  onShape: (shape: FlowShape) => void
  /** Where a player stands, in ms from the beginning; null while nothing is played. */
  t_ms?: number | null
  /** Given where the flow can be played. */
  onT?: (t_ms: number | null) => void
  /** J, K and E walk the steps; off where a list behind uses those keys. */
  keyboard?: boolean
}

interface FlowViewProps extends StepsShown {
  flow_id: string
}

export function FlowView(props: FlowViewProps) {
  const flow = useQuery(flowQuery(props.flow_id))
  const checkpoints = useQuery(checkpointsQuery(props.flow_id))
  const error = errorState(flow)
  const coming = flow.data && checkpoints.data && !isWhole(flow.data, checkpoints.data)
  if (error && !flow.data)
    return (
      <ErrorState
        title="This flow cannot be shown"
        words={error.words}
        request_id={error.request_id}
        onRetry={error.onRetry}
      />
    )
  return (
    <div className="flex min-w-0 flex-1 flex-col gap-4">
      {flow.data ? (
        <FlowHead
          flow={flow.data}
          client={clientOf(checkpoints.data)}
          trace={traceOf(flow.data.flow_id, checkpoints.data)}
          refused={refusalIn(checkpoints.data)}
        />
      ) : (
        <HeadSkeleton />
      )}
      {flow.data && checkpoints.data && !(coming && props.t_ms != null) ? (
        <FlowSteps {...props} flow={flow.data} checkpoints={checkpoints.data} />
      ) : checkpoints.error ? (
        <ErrorState {...(errorState(checkpoints) ?? { words: "" })} />
      ) : (
        <CardsSkeleton />
      )}
    </div>
  )
}

interface FlowStepsProps extends StepsShown {
  flow: FlowRow
  checkpoints: Checkpoint[]
}

/** The steps of a flow from wherever they came, in all their views, and played back. */
export function FlowSteps(props: FlowStepsProps) {
  const { flow, checkpoints, step, onStep, shape, onShape, t_ms = null, onT, keyboard = true } = props
  const steps = useMemo(() => stepsOf(checkpoints, flow.status), [checkpoints, flow.status])
  const playing = t_ms !== null && onT !== undefined && steps.length > 0
  const views = { flow, checkpoints, steps, step, onStep, shape }
  useStepKeys(steps, step, onStep, keyboard && !playing)
  return (
    <>
      <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <div className="flex min-w-0 flex-col gap-2">
          <Strip steps={steps} selected={step} onSelect={onStep} />
          <Legend steps={steps} />
        </div>
        <span className="flex flex-wrap items-center gap-2">
          <Segmented label="Shown as" value={shape} onValue={onShape} options={shape_options} />
          {onT && !playing && (
            <Button icon={Play} disabled={steps.length === 0} onClick={() => onT(0)}>
              Play
            </Button>
          )}
        </span>
      </div>
      <Suspense fallback={<Skeleton className="h-64" />}>
        {steps.length === 0 ? (
          <EmptyState
            title="No step is stored yet"
            words="The first one appears here as soon as it is durable."
          />
        ) : playing ? (
          <PlayedFlow {...views} t_ms={t_ms} onT={onT} />
        ) : (
          <Shape {...views} />
        )}
      </Suspense>
    </>
  )
}

interface ShapeProps {
  flow: FlowRow
  checkpoints: readonly Checkpoint[]
  steps: readonly Step[]
  step: number | null
  onStep: (step: number | null) => void
  shape: FlowShape
}

function Shape({ flow, checkpoints, steps, step, onStep, shape }: ShapeProps) {
  switch (shape) {
    case "timeline":
      return <Timeline steps={steps} selected={step} onSelect={onStep} />
    case "graph":
      return <Graph steps={steps} selected={step} onSelect={onStep} />
    case "json":
      return <JsonTree value={{ flow, checkpoints } as unknown as Json} label="flow as JSON" open={1} />
    default:
      return <StepCards steps={steps} selected={step} />
  }
}

function useStepKeys(
  steps: readonly Step[],
  step: number | null,
  onStep: (step: number | null) => void,
  on: boolean,
) {
  const at = step === null ? -1 : steps.findIndex((candidate) => holds(candidate, step))
  const go = (to: Step | undefined) => to && onStep(to.seq)
  const nextProblem = () =>
    go(
      steps.slice(at + 1).find((candidate) => opensByItself(candidate) && candidate.kind !== "done") ??
        firstToLookAt(steps),
    )
  useShortcuts(
    on
      ? {
          j: () => go(steps[Math.min(at + 1, steps.length - 1)]),
          k: () => go(steps[Math.max(at - 1, 0)]),
          e: nextProblem,
        }
      : {},
  )
}

function HeadSkeleton() {
  return (
    <div aria-busy="true" className="flex flex-col gap-2">
      <Skeleton className="h-6 w-96 max-w-full" />
      <Skeleton className="h-4 w-64 max-w-full" />
      <Skeleton className="h-4 w-[32rem] max-w-full" />
    </div>
  )
}

function CardsSkeleton() {
  return (
    <div aria-busy="true" className="flex flex-col gap-1.5">
      <Skeleton className="mb-4 h-7 w-72 max-w-full" />
      {["a", "b", "c", "d", "e"].map((line) => (
        <Skeleton key={line} className="h-9.5 w-full" />
      ))}
    </div>
  )
}
