/** The flows of a panel: earlier ones folded to a line, what runs (or came last) as cards; each kept apart. */
import { Link } from "@tanstack/react-router"
import { MessageSquare } from "lucide-react"
import { memo, useMemo, useState } from "react"
import type { FlowStatus } from "@/api/shapes"
import { plural } from "@/lib/format"
import { VerdictChip } from "@/ui/badge"
import { Button } from "@/ui/button"
import { cn } from "@/ui/cn"
import { EmptyState } from "@/ui/states"
import { BriefTime, Duration } from "@/ui/time"
import { type FlowState, hasHole, inOrder, type RecordState } from "../apply"
import { LatestCards, StepCards } from "../cards"
import { stepsOf } from "../steps"
import { statusOf } from "./panel-state"

const earlier_shown = 8
const earlier_in_brief = 2
/** Of more flows at once than this the older ones are a line each. */
const current_shown = 4
/** Of a longer flow the latest checkpoints are drawn; the others when somebody asks for them. */
const checkpoints_shown = 60
const cards_in_brief = 5

interface PanelFlowsProps {
  record: RecordState
  /** Only the newest: very much comes, and nobody looks closer. */
  brief: boolean
}

export function PanelFlows({ record, brief }: PanelFlowsProps) {
  const flows = inOrder(record)
  const running = flows.filter((one) => statusOf(one) === "running")
  const current = running.length > 0 ? running.slice(-current_shown) : flows.slice(-1)
  const earlier = flows
    .filter((one) => !current.includes(one))
    .slice(brief ? -earlier_in_brief : -earlier_shown)
  if (flows.length === 0)
    return (
      <EmptyState
        icon={MessageSquare}
        title="Nothing yet"
        words="Whatever they ask or call appears here step by step."
      />
    )
  return (
    <div className="flex flex-col gap-2">
      {earlier.length > 0 && (
        <ol aria-label="Earlier flows" className="flex flex-col">
          {earlier.map((one, place) => (
            <li key={brief ? place : one.flow_id}>
              <FlowLine state={one} />
            </li>
          ))}
        </ol>
      )}
      {current.map((one, place) => (
        <CurrentFlow key={brief ? place : one.flow_id} state={one} brief={brief} />
      ))}
    </div>
  )
}

/** A flow that nothing new is known of stays the same object, and is not drawn anew. */
const CurrentFlow = memo(function CurrentFlow({ state, brief }: { state: FlowState; brief: boolean }) {
  const status = statusOf(state)
  return (
    <article aria-label={`Flow: ${titleOf(state)}`} className="flex min-w-0 flex-col gap-1.5">
      <FlowLine state={state} strong />
      <LatestSteps checkpoints={state.checkpoints} status={status} brief={brief} />
      {hasHole(state) && <p className="text-fg-3 text-xs">Some steps are still on their way.</p>}
    </article>
  )
})

interface LatestStepsProps extends Pick<FlowState, "checkpoints"> {
  status: FlowStatus
  brief: boolean
}

function LatestSteps({ checkpoints, status, brief }: LatestStepsProps) {
  const [all, setAll] = useState(false)
  const hidden = all && !brief ? 0 : Math.max(0, checkpoints.length - checkpoints_shown)
  const steps = useMemo(() => stepsOf(checkpoints.slice(hidden), status), [checkpoints, hidden, status])
  if (brief) return <LatestCards steps={steps} most={cards_in_brief} />
  return (
    <>
      {hidden > 0 && (
        <Button size="sm" variant="quiet" onClick={() => setAll(true)}>
          Show {plural(hidden, "earlier step")}
        </Button>
      )}
      <StepCards steps={steps} selected={null} />
    </>
  )
}

interface FlowLineProps {
  state: FlowState
  strong?: boolean
}

const FlowLine = memo(function FlowLine({ state, strong }: FlowLineProps) {
  const { flow, flow_id, checkpoints } = state
  return (
    <Link
      to="/admin/flows/$id"
      params={{ id: flow_id }}
      aria-label={`Open the flow: ${titleOf(state)}`}
      data-flow={flow_id}
      data-steps={checkpoints.length}
      className="flex min-h-7 min-w-0 items-center gap-2 rounded-sm px-1 text-xs hover:bg-hover"
    >
      <VerdictChip verdict={statusOf(state)} />
      <span className={cn("min-w-0 flex-1 truncate", strong ? "font-medium" : "text-fg-2")}>
        {titleOf(state)}
      </span>
      {flow?.duration_ms != null && <Duration ms={flow.duration_ms} className="text-fg-3" />}
      {flow && <BriefTime at={flow.started_at} className="text-fg-3 max-sm:hidden" />}
    </Link>
  )
})

function titleOf({ flow }: FlowState): string {
  return flow?.title || "A flow that just began"
}
