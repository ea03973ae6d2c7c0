/** Draws a laid out graph: lines below, nodes above, frames around open rounds. */
import { Minimize2 } from "lucide-react"
import { useMemo, useRef, useState } from "react"
import { IconButton } from "@/ui/button"
import { useCentred } from "@/ui/reveal"
import { type FlowGraph, type GraphNode, sizeOf } from "./graph"
import type { LayoutOutput } from "./graph-layout"
import { GraphNodeView } from "./graph-node"
import { usePan } from "./graph-pan"

const margin_px = 28
const above_px = 60
/** Gates and models have their figure above their words; what is all figure stands as high as those. */
const raise_px = 22
/** What is drawn is chosen anew when the window has moved so far. */
const cell_px = 320

export interface Placed {
  node: GraphNode
  x: number
  y: number
  width: number
  height: number
}

interface GraphCanvasProps {
  graph: FlowGraph
  layout: LayoutOutput
  scale: number
  selected: number | null
  reached: number | null
  onSelect: (seq: number | null) => void
  onTurn: (id: string) => void
}

export function GraphCanvas(props: GraphCanvasProps) {
  const { graph, layout, scale, selected, reached, onSelect, onTurn } = props
  const scroller = useRef<HTMLDivElement>(null)
  const [cell, setCell] = useState({ x: 0, y: 0 })
  const pan = usePan(scroller)
  const placed = useMemo(() => placedNodes(graph, layout), [graph, layout])
  const current = placed.findLast(({ node: { step, first_seq } }) =>
    selected === null ? reached !== null && first_seq <= reached : step?.seq === selected,
  )
  useCentred(scroller, current?.node.id ?? null, current ? scaled(current, scale) : null)
  const near = (one: { x: number; y: number; width: number; height: number }) => isNear(one, cell, scale)
  const edges = graph.edges.filter(([from, to]) => {
    const a = placed[from]
    const b = placed[to]
    return a !== undefined && b !== undefined && (near(a) || near(b))
  })
  return (
    <div
      ref={scroller}
      {...pan}
      onScroll={({ currentTarget: { scrollLeft, scrollTop } }) => {
        const next = { x: Math.floor(scrollLeft / cell_px), y: Math.floor(scrollTop / cell_px) }
        if (next.x !== cell.x || next.y !== cell.y) setCell(next)
      }}
      className="max-h-[70vh] min-h-40 cursor-grab overflow-auto rounded border bg-surface active:cursor-grabbing"
    >
      <div
        style={{
          width: (layout.width + 2 * margin_px) * scale,
          height: (layout.height + margin_px + above_px) * scale,
        }}
        className="relative overflow-hidden"
      >
        <div style={{ scale: String(scale) }} className="absolute top-0 left-0 origin-top-left">
          {framesOf(placed)
            .filter(near)
            .map((frame) => (
              <RoundFrame key={frame.id} frame={frame} onFold={() => onTurn(frame.id)} />
            ))}
          <Lines placed={placed} edges={edges} layout={layout} reached={reached} />
          <ul aria-label="Steps as a graph">
            {placed.filter(near).map((one) => (
              <li
                key={one.node.id}
                style={{ left: one.x, top: one.y, width: one.width, height: one.height }}
                className="absolute"
              >
                <GraphNodeView
                  node={one.node}
                  selected={one.node.step?.seq === selected && selected !== null}
                  faint={reached !== null && one.node.first_seq > reached}
                  onSelect={onSelect}
                  onTurn={onTurn}
                />
              </li>
            ))}
          </ul>
        </div>
      </div>
    </div>
  )
}

interface LinesProps {
  placed: readonly Placed[]
  edges: FlowGraph["edges"]
  layout: LayoutOutput
  reached: number | null
}

function Lines({ placed, edges, layout, reached }: LinesProps) {
  return (
    <svg
      aria-hidden="true"
      width={layout.width + 2 * margin_px}
      height={layout.height + margin_px + above_px}
      className="pointer-events-none absolute top-0 left-0 fill-none stroke-border-strong"
    >
      {edges.map(([from, to]) => (
        <path
          key={`${from} ${to}`}
          d={lineBetween(placed[from] as Placed, placed[to] as Placed)}
          opacity={reached !== null && (placed[to]?.node.first_seq ?? 0) > reached ? 0.25 : 1}
        />
      ))}
    </svg>
  )
}

interface Frame {
  id: string
  x: number
  y: number
  width: number
  height: number
}

function RoundFrame({ frame, onFold }: { frame: Frame; onFold: () => void }) {
  return (
    <div
      style={{ left: frame.x, top: frame.y, width: frame.width, height: frame.height }}
      className="absolute rounded border border-dashed bg-sunken/50"
    >
      <span className="absolute top-0 left-1.5 inline-flex items-center text-2xs text-fg-3">
        {frame.id}
        <IconButton
          icon={Minimize2}
          label={`Fold ${frame.id}`}
          size="sm"
          className="size-6"
          onClick={onFold}
        />
      </span>
    </div>
  )
}

function placedNodes({ nodes }: FlowGraph, { places }: LayoutOutput): Placed[] {
  return nodes.map((node, i) => ({
    node,
    ...sizeOf(node),
    x: (places[i]?.x ?? 0) + margin_px,
    y: (places[i]?.y ?? 0) + above_px - (isFigure(node) ? 0 : raise_px),
  }))
}

function scaled({ x, y, width, height }: Frame | Placed, scale: number) {
  return { x: x * scale, y: y * scale, width: width * scale, height: height * scale }
}

function framesOf(placed: readonly Placed[]): Frame[] {
  const frames = new Map<string, Frame>()
  for (const { node, x, y, width, height } of placed) {
    if (node.round === null) continue
    const box = { id: node.round, x: x - 14, y: y - 30, width: width + 28, height: height + 42 }
    const known = frames.get(node.round)
    frames.set(node.round, known ? around(known, box) : box)
  }
  return [...frames.values()]
}

function around(a: Frame, b: Frame): Frame {
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)]
  const right = Math.max(a.x + a.width, b.x + b.width)
  const bottom = Math.max(a.y + a.height, b.y + b.height)
  return { id: a.id, x, y, width: right - x, height: bottom - y }
}

function isNear(
  box: { x: number; y: number; width: number; height: number },
  cell: { x: number; y: number },
  scale: number,
) {
  const [left, top] = [(cell.x * cell_px) / scale, (cell.y * cell_px) / scale]
  const [wide, high] = [(window_px.width + 2 * cell_px) / scale, (window_px.height + 2 * cell_px) / scale]
  const spare = cell_px / scale
  return (
    box.x + box.width > left - spare &&
    box.x < left + wide &&
    box.y + box.height > top - spare &&
    box.y < top + high
  )
}

/** No screen shows more of it than this at once. */
const window_px = { width: 2_600, height: 1_400 }

function lineBetween(a: Placed, b: Placed): string {
  const [x1, y1] = [a.x + a.width, anchor(a)]
  const [x2, y2] = [b.x, anchor(b)]
  const bend = Math.max(16, (x2 - x1) / 2)
  return `M${inner(a, x1, 1)} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${inner(b, x2, -1)} ${y2}`
}

function isFigure({ shape }: GraphNode): boolean {
  return shape === "gate" || shape === "model"
}

/** The figure of a gate or a model stands above its words. */
function anchor({ node, y, height }: Placed): number {
  if (node.shape === "gate") return y + 26
  return node.shape === "model" ? y + 32 : y + height / 2
}

/** Figures are narrower than their words: the line goes on to the figure itself. */
function inner({ node, width }: Placed, x: number, side: 1 | -1): number {
  if (node.shape === "gate") return x - side * (width / 2 - 26)
  return node.shape === "model" ? x - side * (width / 2 - 28) : x
}
