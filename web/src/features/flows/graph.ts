/** A flow as a graph: gates, models and calls in the order they came, what ran at once side by side, rounds that fold. */
import { plural } from "@/lib/format"
import type { Verdict } from "@/ui/badge"
import type { LayoutInput } from "./graph-layout"
import { opensByItself, type Step, scaleOf } from "./steps"

export type NodeShape = "gate" | "model" | "tool" | "plain" | "rounds" | "turn" | "shut"

export interface GraphNode {
  id: string
  shape: NodeShape
  /** Null for what is folded. */
  step: Step | null
  /** When its flow began. */
  start_ms: number
  verdict: Verdict
  /** Of what is folded: "Rounds 3 to 12" and what they hold. */
  title: string
  words: string
  first_seq: number
  /** What is open and holds it, the outer one first. */
  within: readonly Group[]
}

/** An open round or turn; `holds` tells that there may be others in it. */
export interface Group {
  id: string
  title: string
  /** What else its frame says. */
  words: string
  holds: boolean
}

export interface FlowGraph {
  nodes: readonly GraphNode[]
  edges: readonly (readonly [number, number])[]
}

interface Round {
  n: number
  steps: Step[]
}

const gates: ReadonlySet<string> = new Set([
  "auth_check",
  "block_check",
  "usage_check",
  "mcp_access_check",
  "tool_filter",
  "security_check",
  "approval",
])
const ends: ReadonlySet<string> = new Set(["usage_settled", "blocked", "error", "done"])
const models: ReadonlySet<string> = new Set(["llm_thinking", "llm_complete"])
/** So many rounds are open from the beginning. */
const open_rounds = 3
/** Folded rounds in a row become one; opened, one becomes at most so many. */
const side_by_side = 12

const sizes: Record<NodeShape, { width: number; height: number }> = {
  gate: { width: 92, height: 96 },
  model: { width: 108, height: 108 },
  tool: { width: 196, height: 56 },
  plain: { width: 172, height: 56 },
  rounds: { width: 156, height: 64 },
  turn: { width: 224, height: 88 },
  shut: { width: 224, height: 88 },
}

/** `turned` are the ids of rounds that somebody opened or folded. */
export function graphOf(steps: readonly Step[], turned: ReadonlySet<string>): FlowGraph {
  const { before, rounds, after } = partsOf(steps)
  const { start_ms } = scaleOf(steps)
  const nodes: GraphNode[] = []
  const edges: [number, number][] = []
  let last: number[] = []
  const stage = (added: readonly GraphNode[]) => {
    const indexes = added.map((node) => nodes.push(node) - 1)
    for (const from of last) for (const to of indexes) edges.push([from, to])
    last = indexes
  }
  const chain = (some: readonly Step[], within: readonly Group[]) => {
    for (const together of stagesOf(some)) stage(together.map((step) => nodeOf(step, within, start_ms)))
  }
  chain(before, [])
  for (const part of foldedRounds(rounds, turned)) {
    const [first] = part
    if (part.length === 1 && first && isOpen(first, rounds.length, turned))
      chain(first.steps, [groupOf(first)])
    else stage([folded(part)])
  }
  chain(after, [])
  return { nodes, edges }
}

/** What the layout needs to know. */
export function layoutInput({ nodes, edges }: FlowGraph): LayoutInput {
  return { sizes: nodes.map(({ shape }) => sizes[shape]), edges }
}

export function sizeOf({ shape }: GraphNode): { width: number; height: number } {
  return sizes[shape]
}

/** The id of a step's node. */
export function stepId({ seq }: Step): string {
  return `step ${seq}`
}

function partsOf(steps: readonly Step[]): { before: Step[]; rounds: Round[]; after: Step[] } {
  const before: Step[] = []
  const after: Step[] = []
  const rounds: Round[] = []
  for (const step of steps) {
    if (models.has(step.kind)) rounds.push({ n: rounds.length + 1, steps: [...after.splice(0), step] })
    else if (rounds.length === 0) before.push(step)
    else if (ends.has(step.kind) || after.length > 0) after.push(step)
    else rounds.at(-1)?.steps.push(step)
  }
  return { before, rounds, after }
}

/** Calls that ran at once stand in one stage, everything else alone. */
function stagesOf(steps: readonly Step[]): Step[][] {
  const stages: Step[][] = []
  let until_ms = Number.NEGATIVE_INFINITY
  for (const step of steps) {
    const stage = stages.at(-1)
    if (step.kind === "tool_call" && stage?.[0]?.kind === "tool_call" && step.start_ms < until_ms) {
      stage.push(step)
      until_ms = Math.max(until_ms, step.end_ms)
    } else {
      stages.push([step])
      until_ms = step.end_ms
    }
  }
  return stages
}

function foldedRounds(rounds: readonly Round[], turned: ReadonlySet<string>): Round[][] {
  const parts: Round[][] = []
  for (const round of rounds) {
    const part = parts.at(-1)
    const quiet = !isOpen(round, rounds.length, turned) && !isMarked(round)
    if (part && quiet && isQuietPart(part, rounds.length, turned)) part.push(round)
    else parts.push([round])
  }
  return parts.flatMap((part) => opened(part, turned))
}

/** A long row of rounds is one node; opened, it is several shorter ones, at last the rounds themselves. */
function opened(part: Round[], turned: ReadonlySet<string>): Round[][] {
  if (part.length <= 2) return part.map((round) => [round])
  if (!turned.has(partId(part))) return [part]
  const length = Math.ceil(part.length / side_by_side)
  const shorter: Round[][] = []
  for (let at = 0; at < part.length; at += length) shorter.push(part.slice(at, at + length))
  return shorter.flatMap((some) => opened(some, turned))
}

function isQuietPart(part: readonly Round[], n: number, turned: ReadonlySet<string>): boolean {
  return part.every((round) => !isOpen(round, n, turned) && !isMarked(round))
}

function isOpen(round: Round, n: number, turned: ReadonlySet<string>): boolean {
  return turned.has(roundId(round)) !== n <= open_rounds
}

function isMarked({ steps }: Round): boolean {
  return steps.some(opensByItself)
}

function roundId({ n }: Round): string {
  return `round ${n}`
}

function groupOf(round: Round): Group {
  const id = roundId(round)
  return { id, title: id, words: "", holds: false }
}

function partId(part: readonly Round[]): string {
  const [first] = part
  return part.length === 1 && first ? roundId(first) : `rounds ${first?.n} to ${part.at(-1)?.n}`
}

function folded(part: readonly Round[]): GraphNode {
  const steps = part.flatMap((round) => round.steps)
  const calls = steps.filter(({ kind }) => kind === "tool_call").length
  const problems = steps.filter(opensByItself)
  const words = problems.length > 0 ? `, ${problems.length} not well` : ""
  const id = partId(part)
  return {
    id,
    shape: "rounds",
    step: null,
    start_ms: 0,
    verdict: problems[0]?.verdict ?? "ok",
    title: id.charAt(0).toUpperCase() + id.slice(1),
    words: `${plural(calls, "call")}${words}`,
    first_seq: steps[0]?.seq ?? 0,
    within: [],
  }
}

function nodeOf(step: Step, within: readonly Group[], start_ms: number): GraphNode {
  return {
    id: stepId(step),
    shape: shapeOf(step.kind),
    step,
    start_ms,
    verdict: step.verdict,
    title: "",
    words: "",
    first_seq: step.seq,
    within,
  }
}

function shapeOf(kind: string): NodeShape {
  if (gates.has(kind)) return "gate"
  if (models.has(kind)) return "model"
  return kind === "tool_call" || kind === "tool_result" ? "tool" : "plain"
}
