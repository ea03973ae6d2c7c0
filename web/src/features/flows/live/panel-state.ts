/** What a panel knows of one user: the record so far, presence, and what it shows of it while paused. */
import type { Checkpoint, FlowStatus } from "@/api/shapes"
import type { Presence } from "@/api/watch-frames"
import { applyAll, type FlowState, inOrder, nothing, type RecordEvent, type RecordState } from "../apply"

export interface PanelState {
  record: RecordState
  /** What is shown while it is paused; the record goes on behind it. */
  frozen: RecordState | null
  presence: Presence | null
  /** The first snapshot is there. */
  loaded: boolean
  /** So much comes that only the newest is worth drawing, until somebody looks closer. */
  busy: boolean
  /** Why this user cannot be watched. */
  refused: string | null
}

/** What a person does now. */
export type Doing = "idle" | "thinking" | "calling" | "waiting" | "blocked" | "offline"

export const fresh_panel: PanelState = {
  record: nothing,
  frozen: null,
  presence: null,
  loaded: false,
  busy: false,
  refused: null,
}

const flows_kept = 40

/** The newest flows are kept, and whatever still runs. */
export function withEvents(panel: PanelState, events: readonly RecordEvent[]): PanelState {
  const record = kept(applyAll(panel.record, events))
  return record === panel.record ? panel : { ...panel, record }
}

function kept(record: RecordState): RecordState {
  if (record.size <= flows_kept) return record
  const flows = inOrder(record)
  const newest = flows.slice(-flows_kept)
  const running = flows.slice(0, -flows_kept).filter((one) => statusOf(one) === "running")
  return new Map([...running, ...newest].map((one) => [one.flow_id, one]))
}

export function shown(panel: PanelState): RecordState {
  return panel.frozen ?? panel.record
}

/** How many steps came since it was paused. */
export function waiting({ record, frozen }: PanelState): number {
  return frozen ? stepCount(record) - stepCount(frozen) : 0
}

function stepCount(record: RecordState): number {
  let n = 0
  for (const { checkpoints } of record.values()) n += checkpoints.length
  return n
}

/** `done` says it first; the summary comes behind. */
export function statusOf({ flow, checkpoints }: FlowState): FlowStatus {
  const last = checkpoints.at(-1)
  if (last?.data.kind === "done") return last.data.status
  return flow?.status ?? "running"
}

export function doingOf(record: RecordState, presence: Presence | null): Doing {
  if (presence?.state === "blocked") return "blocked"
  const running = inOrder(record).filter((one) => statusOf(one) === "running")
  const doings = running.map(doingIn)
  for (const doing of ["calling", "thinking", "waiting"] as const) if (doings.includes(doing)) return doing
  return presence?.state === "thinking" ? "thinking" : (presence?.state ?? "offline")
}

function doingIn({ flow, checkpoints }: FlowState): Doing {
  const open_calls = new Set<string>()
  for (const { data, verdict } of checkpoints) {
    if (data.kind === "tool_call" && verdict !== "denied" && verdict !== "failed")
      open_calls.add(data.call_id)
    if (data.kind === "tool_result") open_calls.delete(data.call_id)
  }
  if (open_calls.size > 0) return "calling"
  const last = checkpoints.at(-1)?.data.kind
  if (last === "approval" || last === "upstream_request") return "waiting"
  return (checkpoints[0]?.source ?? flow?.source) === "chat" ? "thinking" : "calling"
}

/** What is left of the credits by the latest step that says so; null when none does. */
export function remainingOf(record: RecordState): number | null {
  let latest: { at: string; micros: number } | null = null
  for (const { checkpoints } of record.values()) {
    for (const step of checkpoints) {
      const micros = remainingIn(step)
      if (micros !== null && (latest === null || step.at >= latest.at)) latest = { at: step.at, micros }
    }
  }
  return latest?.micros ?? null
}

function remainingIn({ data }: Checkpoint): number | null {
  if (data.kind === "usage_settled") return data.remaining_micros
  if (data.kind !== "usage_check" || data.budgets.length === 0) return null
  return Math.min(...data.budgets.map((budget) => budget.remaining_micros))
}

const minute_ms = 60_000

/** Tokens in and out by minute, the current one last. */
export function tokensByMinute(record: RecordState, now_ms: number, minutes = 10): number[] {
  const sums = new Array<number>(minutes).fill(0)
  for (const { checkpoints } of record.values()) {
    for (const { at, data } of checkpoints) {
      if (data.kind !== "llm_complete") continue
      const ago = Math.floor((now_ms - Date.parse(at)) / minute_ms)
      const slot = minutes - 1 - Math.max(0, ago)
      if (slot >= 0) sums[slot] = (sums[slot] ?? 0) + data.input_tokens + data.output_tokens
    }
  }
  return sums
}

const bad: ReadonlySet<FlowStatus> = new Set<FlowStatus>(["denied", "blocked", "failed", "unknown"])

/** Whether what a person did last went wrong. */
export function inTrouble(record: RecordState): boolean {
  const latest = inOrder(record).at(-1)
  return latest !== undefined && bad.has(statusOf(latest))
}
