/** A conversation as a graph: its turns in order, each one node, or opened the graph of its flow. */
import type { FlowRow } from "@/api/shapes"
import { plural } from "@/lib/format"
import { type FlowGraph, type GraphNode, type Group, graphOf, stepId } from "./graph"
import type { Step } from "./steps"

export interface TalkTurn {
  flow: FlowRow
  /** Null while it runs, and where they cannot be read. */
  steps: readonly Step[] | null
}

const longest_question = 80

/** `turned` are the ids of turns that are open, and of rounds in them that somebody opened or folded. */
export function talkGraph(turns: readonly TalkTurn[], turned: ReadonlySet<string>): FlowGraph {
  const nodes: GraphNode[] = []
  const edges: [number, number][] = []
  let last: number[] = []
  turns.forEach((turn, i) => {
    const id = turnId(turn)
    const part = turned.has(id) && canOpen(turn) ? openTurn(turn, i + 1, turned) : shutTurn(turn, i + 1)
    const from = nodes.length
    nodes.push(...part.nodes)
    for (const [a, b] of part.edges) edges.push([from + a, from + b])
    const { begins, ends } = outermost(part)
    for (const end of last) for (const begin of begins) edges.push([end, from + begin])
    last = ends.map((end) => from + end)
  })
  return { nodes, edges }
}

/** What is open from the beginning: the last turn that did not end well, or else the last. */
export function firstTurn(turns: readonly TalkTurn[]): string | null {
  const readable = turns.filter(canOpen)
  const turn = readable.findLast(({ flow }) => flow.status !== "ok") ?? readable.at(-1)
  return turn ? turnId(turn) : null
}

/** The step that a node is, and the turn that it is of. */
export function stepAt(turns: readonly TalkTurn[], id: string | null): { turn: TalkTurn; step: Step } | null {
  for (const turn of turns) {
    if (!id?.startsWith(within(turn, ""))) continue
    const step = turn.steps?.find((one) => id === within(turn, stepId(one)))
    if (step) return { turn, step }
  }
  return null
}

function openTurn(turn: TalkTurn, n: number, turned: ReadonlySet<string>): FlowGraph {
  const inside = within(turn, "")
  const own = [...turned].filter((id) => id.startsWith(inside)).map((id) => id.slice(inside.length))
  const { nodes, edges } = graphOf(turn.steps ?? [], new Set(own))
  const whole: Group = {
    id: turnId(turn),
    title: `turn ${n}`,
    words: shortened(turn.flow.title),
    holds: true,
  }
  const part = (group: Group) => ({
    ...group,
    id: within(turn, group.id),
    title: `${group.title} of turn ${n}`,
  })
  return {
    nodes: nodes.map((node) => ({
      ...node,
      id: within(turn, node.id),
      within: [whole, ...node.within.map(part)],
    })),
    edges,
  }
}

function shutTurn(turn: TalkTurn, n: number): FlowGraph {
  const { flow } = turn
  const node: GraphNode = {
    id: turnId(turn),
    shape: canOpen(turn) ? "turn" : "shut",
    step: null,
    start_ms: 0,
    verdict: flow.status,
    title: `Turn ${n}: ${shortened(flow.title)}`,
    words: wordsOf(turn),
    first_seq: 0,
    within: [],
  }
  return { nodes: [node], edges: [] }
}

function canOpen({ steps }: TalkTurn): boolean {
  return steps !== null && steps.length > 0
}

function wordsOf(turn: TalkTurn): string {
  const { flow } = turn
  if (flow.status === "running") return `${plural(flow.steps, "step")} so far`
  if (!canOpen(turn)) return "its steps cannot be read"
  return `${plural(flow.steps, "step")}, ${plural(flow.tool_calls, "tool call")}`
}

/** The nodes that nothing leads to, and those that lead to nothing. */
function outermost({ nodes, edges }: FlowGraph): { begins: number[]; ends: number[] } {
  const from = new Set(edges.map(([a]) => a))
  const to = new Set(edges.map(([, b]) => b))
  const all = nodes.map((_, i) => i)
  return { begins: all.filter((i) => !to.has(i)), ends: all.filter((i) => !from.has(i)) }
}

function turnId({ flow }: TalkTurn): string {
  return `turn ${flow.flow_id}`
}

/** Ids of nodes are unique in a flow alone. */
function within(turn: TalkTurn, id: string): string {
  return `${turnId(turn)}/${id}`
}

function shortened(question: string): string {
  const line = question.replace(/\s+/g, " ").trim()
  return line.length > longest_question ? `${line.slice(0, longest_question - 1).trimEnd()}\u2026` : line
}
