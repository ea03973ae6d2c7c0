/** A graph that scrolls, whose parts open and fold; only what is near the window is drawn, the layout is made in a worker. */
import { Minus, Plus } from "lucide-react"
import { useMemo, useState } from "react"
import { IconButton } from "@/ui/button"
import { Skeleton } from "@/ui/states"
import { useInWorker } from "@/ui/worker"
import { type FlowGraph, type GraphNode, layoutInput } from "./graph"
import { GraphCanvas } from "./graph-canvas"
import type { LayoutInput, LayoutOutput } from "./graph-layout"

const sizes = [0.5, 0.65, 0.8, 1, 1.25]
const usual = 3
const nothing: ReadonlySet<string> = new Set()

interface FoldingGraphProps {
  /** The graph when these were opened or folded; the same function as long as it gives the same graphs. */
  make: (turned: ReadonlySet<string>) => FlowGraph
  /** What is turned at first, and brought into view. */
  first?: string | null
  words: string
  /** The id of the chosen node. */
  selected: string | null
  onSelect: (node: GraphNode | null) => void
  reached?: number | null
}

function startWorker(): Worker {
  return new Worker(new URL("./graph.worker.ts", import.meta.url), { type: "module" })
}

export function FoldingGraph(props: FoldingGraphProps) {
  const { make, first = null, words, selected, onSelect, reached = null } = props
  const [turned, setTurned] = useState(() => (first === null ? nothing : new Set([first])))
  const [focus, setFocus] = useState(first)
  const [size, setSize] = useState(usual)
  const graph = useMemo(() => make(turned), [make, turned])
  const input = useMemo(() => layoutInput(graph), [graph])
  const layout = useInWorker<LayoutInput, LayoutOutput>(startWorker, input)
  const drawn = useLast(layout && { graph, layout })
  return (
    <>
      <div className="flex items-center justify-between gap-2">
        <p className="text-fg-3 text-xs">{words}</p>
        <Sizes size={size} onSize={setSize} />
      </div>
      {drawn ? (
        <GraphCanvas
          {...drawn}
          scale={sizes[size] ?? 1}
          selected={selected}
          reached={reached}
          focus={focus}
          onSelect={onSelect}
          onTurn={(id) => {
            setTurned(toggled(turned, id))
            setFocus(id)
          }}
        />
      ) : (
        <Skeleton className="h-64" />
      )}
    </>
  )
}

function Sizes({ size, onSize }: { size: number; onSize: (size: number) => void }) {
  return (
    <span className="flex items-center gap-1">
      <IconButton icon={Minus} label="Smaller" size="sm" onClick={() => onSize(Math.max(0, size - 1))} />
      <span className="tabular w-10 text-center text-fg-2 text-xs">
        {Math.round((sizes[size] ?? 1) * 100)} %
      </span>
      <IconButton
        icon={Plus}
        label="Larger"
        size="sm"
        onClick={() => onSize(Math.min(sizes.length - 1, size + 1))}
      />
    </span>
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
