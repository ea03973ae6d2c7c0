/** What differs between two aligned steps: verdict and rule, what was decided, arguments, result, time, tokens, cost. */
import type { Checkpoint, StepData } from "@/api/shapes"
import { type Json, parsed } from "@/ui/json-model"
import { type Step, stepDuration } from "../steps"
import { aligned, type Pair } from "./align"
import { type JsonChange, jsonDiff } from "./json-diff"

export type PairState = "same" | "changed" | "only_a" | "only_b"

export interface ComparedPair extends Pair {
  key: string
  state: PairState
  verdict: boolean
  /** Facts of the decision, arguments, result: the path names which. */
  changes: JsonChange[]
  /** The accesses to compare where the two held different ones. */
  accesses: [string, string] | null
}

export interface Figures {
  duration_ms: number
  input_tokens: number
  output_tokens: number
  cost_micros: number
  tool_calls: number
}

/** Figures and ids of the one run: they differ between any two and say nothing about the steps. */
const of_the_run: ReadonlySet<string> = new Set([
  "kind",
  "call_id",
  "approval_id",
  "access_id",
  "epoch",
  "address",
  "traceparent",
  "since",
  "expires_at",
  "iteration",
  "messages",
  "first_token_ms",
  "duration_ms",
  "input_tokens",
  "output_tokens",
  "cache_read_tokens",
  "cache_write_tokens",
  "reasoning_tokens",
  "cost_micros",
  "size_bytes",
  "budgets",
  "requested_micros",
  "reserved_micros",
  "charged_micros",
  "refunded_micros",
  "remaining_micros",
  "score",
  "tool_calls",
])

export function compared(a: readonly Step[], b: readonly Step[]): ComparedPair[] {
  return aligned(a, b).map((pair, i) => comparedPair(pair, i))
}

export function figuresOf(steps: readonly Step[]): Figures {
  const figures: Figures = {
    duration_ms: 0,
    input_tokens: 0,
    output_tokens: 0,
    cost_micros: 0,
    tool_calls: 0,
  }
  for (const { first, second, kind } of steps) {
    if (kind === "tool_call" && first.verdict !== "denied") figures.tool_calls += 1
    const data = second?.data ?? first.data
    if (data.kind === "llm_complete") {
      figures.input_tokens += data.input_tokens
      figures.output_tokens += data.output_tokens
      figures.cost_micros += data.cost_micros ?? 0
    }
  }
  const start_ms = steps.reduce((least, step) => Math.min(least, step.start_ms), Number.POSITIVE_INFINITY)
  const end_ms = steps.reduce((most, step) => Math.max(most, step.end_ms), 0)
  return { ...figures, duration_ms: steps.length > 0 ? end_ms - start_ms : 0 }
}

/** How much longer the second took, in ms; null where one was not measured. */
export function slowerBy({ a, b }: Pair): number | null {
  const [took_a, took_b] = [a && stepDuration(a), b && stepDuration(b)]
  return took_a === null || took_b === null ? null : took_b - took_a
}

function comparedPair({ a, b }: Pair, i: number): ComparedPair {
  const key = `${a?.seq ?? "-"} ${b?.seq ?? "-"} ${i}`
  if (!a || !b)
    return { key, a, b, state: a ? "only_a" : "only_b", verdict: false, changes: [], accesses: null }
  const begun = jsonDiff(facts(a.first.data), facts(b.first.data))
  const ended = a.second && b.second ? jsonDiff(facts(a.second.data), facts(b.second.data)) : []
  const changes = [...begun, ...ended.filter(({ path }) => begun.every((change) => change.path !== path))]
  const verdict = a.verdict !== b.verdict
  const accesses = accessesOf(a.first, b.first)
  const completed = (a.second === null) === (b.second === null)
  const changed = verdict || !completed || changes.length > 0 || accesses !== null
  return { key, a, b, state: changed ? "changed" : "same", verdict, changes, accesses }
}

/** What a checkpoint says about its step; a result that is JSON is compared as such. */
function facts(data: StepData | undefined): Json | undefined {
  if (!data) return undefined
  const kept = Object.entries(data as unknown as Record<string, Json>)
    .filter(([name]) => !of_the_run.has(name))
    .map(([name, value]): [string, Json] => [name === "preview" ? "result" : name, readable(name, value)])
  return Object.fromEntries(kept)
}

/** Rules have no order: each is there or not. */
function readable(name: string, value: Json): Json {
  if (name === "rules" && Array.isArray(value))
    return Object.fromEntries(value.map((rule) => [`"${rule}"`, "removed tools"]))
  return name === "preview" && typeof value === "string" ? (parsed(value) ?? value) : value
}

function accessesOf({ data: a }: Checkpoint, { data: b }: Checkpoint): [string, string] | null {
  if (a.kind !== "tool_filter" && a.kind !== "mcp_access_check") return null
  if (b.kind !== a.kind || a.access_id === b.access_id) return null
  return [a.access_id, b.access_id]
}
