/** The flows of a panel: earlier ones folded to a line, what runs (or came last) as cards; each kept apart. */
import { Link } from "@tanstack/react-router"
import { MessageSquare } from "lucide-react"
import { useMemo } from "react"
import type { FlowStatus } from "@/api/shapes"
import { VerdictChip } from "@/ui/badge"
import { cn } from "@/ui/cn"
import { EmptyState } from "@/ui/states"
import { Duration, Time } from "@/ui/time"
import { type FlowState, hasHole, inOrder, type RecordState } from "../apply"
import { StepCards } from "../cards"
import { stepsOf } from "../steps"
import { statusOf } from "./panel-state"

const earlier_shown = 8

export function PanelFlows({ record }: { record: RecordState }) {
  const flows = inOrder(record)
  const running = flows.filter((one) => statusOf(one) === "running")
  const current = running.length > 0 ? running : flows.slice(-1)
  const earlier = flows.filter((one) => !current.includes(one)).slice(-earlier_shown)
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
          {earlier.map((one) => (
            <li key={one.flow_id}>
              <FlowLine state={one} status={statusOf(one)} />
            </li>
          ))}
        </ol>
      )}
      {current.map((one) => (
        <CurrentFlow key={one.flow_id} state={one} />
      ))}
    </div>
  )
}

function CurrentFlow({ state }: { state: FlowState }) {
  const status = statusOf(state)
  const steps = useMemo(() => stepsOf(state.checkpoints, status), [state.checkpoints, status])
  return (
    <article aria-label={`Flow: ${titleOf(state)}`} className="flex min-w-0 flex-col gap-1.5">
      <FlowLine state={state} status={status} strong />
      <StepCards steps={steps} selected={null} />
      {hasHole(state) && <p className="text-fg-3 text-xs">Some steps are still on their way.</p>}
    </article>
  )
}

interface FlowLineProps {
  state: FlowState
  status: FlowStatus
  strong?: boolean
}

function FlowLine({ state, status, strong }: FlowLineProps) {
  const { flow } = state
  return (
    <Link
      to="/admin/flows/$id"
      params={{ id: state.flow_id }}
      aria-label={`Open the flow: ${titleOf(state)}`}
      className="flex min-h-7 min-w-0 items-center gap-2 rounded-sm px-1 text-xs hover:bg-hover"
    >
      <VerdictChip verdict={status} />
      <span className={cn("min-w-0 flex-1 truncate", strong ? "font-medium" : "text-fg-2")}>
        {titleOf(state)}
      </span>
      {flow?.duration_ms != null && <Duration ms={flow.duration_ms} className="text-fg-3" />}
      {flow && <Time at={flow.started_at} className="text-fg-3 max-sm:hidden" />}
    </Link>
  )
}

function titleOf({ flow }: FlowState): string {
  return flow?.title || "A flow that just began"
}
