/** The flow as a graph that scrolls; only what is near the window is drawn, and the layout is made in a worker. */
import { Minus, Plus } from "lucide-react"
import { useMemo, useState } from "react"
import { IconButton } from "@/ui/button"
import { Skeleton } from "@/ui/states"
import { useInWorker } from "@/ui/worker"
import { StepCard } from "./card"
import { type FlowGraph, graphOf, layoutInput } from "./graph"
import { GraphCanvas } from "./graph-canvas"
import type { LayoutInput, LayoutOutput } from "./graph-layout"
import { holds, type Step, scaleOf } from "./steps"

const sizes = [0.5, 0.65, 0.8, 1, 1.25]
const usual = 3

interface GraphProps {
  steps: readonly Step[]
  selected: number | null
  onSelect: (seq: number | null) => void
  /** Where a player stands: later steps are faint. */
  reached?: number | null
}

function startWorker(): Worker {
  return new Worker(new URL("./graph.worker.ts", import.meta.url), { type: "module" })
}

export function Graph({ steps, selected, onSelect, reached = null }: GraphProps) {
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set())
  const [size, setSize] = useState(usual)
  const graph = useMemo(() => graphOf(steps, turned), [steps, turned])
  const input = useMemo(() => layoutInput(graph), [graph])
  const layout = useInWorker<LayoutInput, LayoutOutput>(startWorker, input)
  const drawn = useLast(layout && { graph, layout })
  const chosen = selected === null ? undefined : steps.find((step) => holds(step, selected))
  const turn = (id: string) => setTurned(toggled(turned, id))
  return (
    <section aria-label="Graph" className="flex min-w-0 flex-col gap-2">
      <div className="flex items-center justify-between gap-2">
        <p className="text-fg-3 text-xs">
          Diamonds are checks, circles models, boxes calls. Calls that ran at once stand side by side.
        </p>
        <span className="flex items-center gap-1">
          <IconButton icon={Minus} label="Smaller" size="sm" onClick={() => setSize(Math.max(0, size - 1))} />
          <span className="tabular w-10 text-center text-fg-2 text-xs">
            {Math.round((sizes[size] ?? 1) * 100)} %
          </span>
          <IconButton
            icon={Plus}
            label="Larger"
            size="sm"
            onClick={() => setSize(Math.min(sizes.length - 1, size + 1))}
          />
        </span>
      </div>
      {drawn ? (
        <GraphCanvas
          {...drawn}
          scale={sizes[size] ?? 1}
          selected={chosen?.seq ?? null}
          reached={reached}
          onSelect={onSelect}
          onTurn={turn}
        />
      ) : (
        <Skeleton className="h-64" />
      )}
      {chosen && (
        <div className="@container">
          <StepCard key={chosen.seq} step={chosen} scale={scaleOf(steps)} selected />
        </div>
      )}
    </section>
  )
}

/** While a new layout is made the old one stays. */
function useLast(now: { graph: FlowGraph; layout: LayoutOutput } | null) {
  const [last, setLast] = useState(now)
  if (now && now.layout !== last?.layout) setLast(now)
  return now ?? last
}

function toggled(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(ids)
  if (!next.delete(id)) next.add(id)
  return next
}
