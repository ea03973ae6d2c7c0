/** Draws a laid out graph: lines below, nodes above, frames around what is open. */
import { Minimize2 } from "lucide-react"
import { useMemo, useRef, useState } from "react"
import { IconButton } from "@/ui/button"
import { useCentred } from "@/ui/reveal"
import { type FlowGraph, type GraphNode, type Group, sizeOf } from "./graph"
import type { LayoutOutput } from "./graph-layout"
import { GraphNodeView } from "./graph-node"
import { usePan } from "./graph-pan"

const margin_px = 28
/** A frame stands this far around what it holds; its title is above. */
const pads = {
  inner: { x: 14, above: 30, below: 12 },
  outer: { x: 20, above: 58, below: 18 },
} as const
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
  /** The id of the chosen node. */
  selected: string | null
  reached: number | null
  /** What is brought into view while nothing is chosen: a node, or what is open. */
  focus?: string | null
  onSelect: (node: GraphNode | null) => void
  onTurn: (id: string) => void
}

export function GraphCanvas(props: GraphCanvasProps) {
  const { graph, layout, scale, selected, reached, focus = null, onSelect, onTurn } = props
  const scroller = useRef<HTMLDivElement>(null)
  const [cell, setCell] = useState({ x: 0, y: 0 })
  const pan = usePan(scroller)
  const placed = useMemo(() => placedNodes(graph, layout), [graph, layout])
  const ground = groundOf(graph, layout)
  const current =
    placed.find(({ node }) => node.id === selected) ??
    placed.findLast(({ node }) => reached !== null && node.first_seq <= reached) ??
    placed.find(({ node: { id, within } }) => id === focus || within.some((group) => group.id === focus))
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
        style={{ width: ground.width * scale, height: ground.height * scale }}
        className="relative overflow-hidden"
      >
        <div style={{ scale: String(scale) }} className="absolute top-0 left-0 origin-top-left">
          {framesOf(placed)
            .filter(near)
            .map((frame) => (
              <GroupFrame key={frame.id} frame={frame} onFold={() => onTurn(frame.id)} />
            ))}
          <Lines placed={placed} edges={edges} ground={ground} reached={reached} />
          <ul aria-label="Steps as a graph">
            {placed.filter(near).map((one) => (
              <li
                key={one.node.id}
                style={{ left: one.x, top: one.y, width: one.width, height: one.height }}
                className="absolute"
              >
                <GraphNodeView
                  node={one.node}
                  selected={one.node.id === selected}
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
  ground: { width: number; height: number }
  reached: number | null
}

function Lines({ placed, edges, ground, reached }: LinesProps) {
  return (
    <svg
      aria-hidden="true"
      {...ground}
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

interface Frame extends Group {
  x: number
  y: number
  width: number
  height: number
}

function GroupFrame({ frame, onFold }: { frame: Frame; onFold: () => void }) {
  return (
    <div
      style={{ left: frame.x, top: frame.y, width: frame.width, height: frame.height }}
      className="absolute rounded border border-dashed bg-sunken/50"
    >
      <span className="absolute inset-x-1.5 top-0 flex items-center whitespace-nowrap text-2xs text-fg-3">
        {frame.title}
        <IconButton
          icon={Minimize2}
          label={`Fold ${frame.title}`}
          size="sm"
          className="size-6"
          onClick={onFold}
        />
        <span className="truncate">{frame.words}</span>
      </span>
    </div>
  )
}

function groundOf(graph: FlowGraph, { width, height }: LayoutOutput): { width: number; height: number } {
  return { width: width + 2 * margin_px, height: height + margin_px + aboveOf(graph) }
}

/** Room for the figures that are raised, and for the titles of frames. */
function aboveOf({ nodes }: FlowGraph): number {
  const nested = nodes.some(({ within }) => within.some(({ holds }) => holds))
  return raise_px + 8 + (nested ? pads.outer : pads.inner).above
}

function placedNodes(graph: FlowGraph, { places }: LayoutOutput): Placed[] {
  const above_px = aboveOf(graph)
  return graph.nodes.map((node, i) => ({
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
    for (const group of node.within) {
      const pad = group.holds ? pads.outer : pads.inner
      const box = {
        ...group,
        x: x - pad.x,
        y: y - pad.above,
        width: width + 2 * pad.x,
        height: height + pad.above + pad.below,
      }
      const known = frames.get(group.id)
      frames.set(group.id, known ? around(known, box) : box)
    }
  }
  return [...frames.values()]
}

function around(a: Frame, b: Frame): Frame {
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)]
  const right = Math.max(a.x + a.width, b.x + b.width)
  const bottom = Math.max(a.y + a.height, b.y + b.height)
  return { ...a, x, y, width: right - x, height: bottom - y }
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
