/** The flow as a graph, and the card of the chosen step. */
import { useCallback } from "react"
import { StepCard } from "./card"
import { graphOf, stepId } from "./graph"
import { FoldingGraph } from "./graph-folding"
import { holds, type Step, scaleOf } from "./steps"

interface GraphProps {
  steps: readonly Step[]
  selected: number | null
  onSelect: (seq: number | null) => void
  /** Where a player stands: later steps are faint. */
  reached?: number | null
}

export function Graph({ steps, selected, onSelect, reached = null }: GraphProps) {
  const make = useCallback((turned: ReadonlySet<string>) => graphOf(steps, turned), [steps])
  const chosen = selected === null ? undefined : steps.find((step) => holds(step, selected))
  return (
    <section aria-label="Graph" className="flex min-w-0 flex-col gap-2">
      <FoldingGraph
        make={make}
        words="Diamonds are checks, circles models, boxes calls. Calls that ran at once stand side by side."
        selected={chosen ? stepId(chosen) : null}
        onSelect={(node) => onSelect(node?.step?.seq ?? null)}
        reached={reached}
      />
      {chosen && (
        <div className="@container">
          <StepCard key={chosen.seq} step={chosen} scale={scaleOf(steps)} selected />
        </div>
      )}
    </section>
  )
}
