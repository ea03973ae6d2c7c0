/** Checkpoints as a person reads them: a call with its result, a model with its answer, passed checks folded. */
import type { Checkpoint, FlowStatus, StepKind } from "@/api/shapes"
import type { CallStatus } from "@/api/types"
import type { Verdict } from "@/ui/badge"

export interface Step {
  /** The seq of its first checkpoint: what `?step=` names. */
  seq: number
  /** What decides its look: the completing checkpoint's kind for models, the call's for tools. */
  kind: string
  first: Checkpoint
  /** The result of a call, the answer of a model. */
  second: Checkpoint | null
  verdict: Verdict
  start_ms: number
  end_ms: number
}

export interface Scale {
  start_ms: number
  total_ms: number
}

const check_kinds: ReadonlySet<string> = new Set<StepKind>([
  "auth_check",
  "block_check",
  "mcp_access_check",
  "tool_filter",
  "security_check",
  "usage_check",
])

const not_well: ReadonlySet<Verdict> = new Set<Verdict>(["denied", "blocked", "failed", "unknown", "warned"])

const call_verdicts: Record<CallStatus, Verdict> = {
  ok: "ok",
  tool_error: "failed",
  upstream_error: "failed",
  timeout: "failed",
  cancelled: "cancelled",
  denied: "denied",
  unknown: "unknown",
}

/** Merges pairs; what never completed is running while its flow is, and unknown afterwards. */
export function stepsOf(checkpoints: readonly Checkpoint[], status: FlowStatus): Step[] {
  const steps: Step[] = []
  const open = new Map<string, number>()
  for (const checkpoint of checkpoints) {
    const pair = pairKey(checkpoint)
    const at = pair?.closes ? open.get(pair.key) : undefined
    const begun = at === undefined ? undefined : steps[at]
    if (begun && at !== undefined && pair) {
      steps[at] = completed(begun, checkpoint)
      open.delete(pair.key)
      continue
    }
    if (pair && awaitsMore(pair, checkpoint)) open.set(pair.key, steps.length)
    steps.push(single(checkpoint))
  }
  const waiting = new Set(open.values())
  return steps.map((step, i) => (waiting.has(i) ? { ...step, verdict: leftOpen(step, status) } : step))
}

/** A model that was cut off has no effect outside; a call may have had one, so its outcome is unknown. */
function leftOpen({ kind }: Step, status: FlowStatus): Verdict {
  if (status === "running") return "running"
  if (kind === "llm_thinking" && (status === "blocked" || status === "cancelled")) return "cancelled"
  return kind === "llm_thinking" && status === "failed" ? "failed" : "unknown"
}

/** How many steps from `at` on are checks that passed; they fold into one line when there are several. */
export function passedChecks(steps: readonly Step[], at = 0): number {
  let end = at
  while (end < steps.length && isPassedCheck(steps[end] as Step)) end += 1
  return end - at > 1 ? end - at : 0
}

function isPassedCheck({ verdict, kind }: Step): boolean {
  return verdict === "passed" && check_kinds.has(kind)
}

/** What the cards show, one below the other: a step, or several passed checks in a row as one line. */
export type CardRow = { seq: number; step: Step; checks: null } | { seq: number; step: null; checks: Step[] }

export function cardRows(steps: readonly Step[]): CardRow[] {
  const rows: CardRow[] = []
  let at = 0
  while (at < steps.length) {
    const step = steps[at] as Step
    const n = passedChecks(steps, at)
    rows.push(
      n > 0
        ? { seq: step.seq, step: null, checks: steps.slice(at, at + n) }
        : { seq: step.seq, step, checks: null },
    )
    at += Math.max(1, n)
  }
  return rows
}

/** Whether `seq` is one of the checkpoints of this row. */
export function rowHolds({ step, checks }: CardRow, seq: number): boolean {
  return step ? holds(step, seq) : (checks?.some((check) => holds(check, seq)) ?? false)
}

export function scaleOf(steps: readonly Step[]): Scale {
  const start_ms = steps.reduce((least, step) => Math.min(least, step.start_ms), Number.POSITIVE_INFINITY)
  const end_ms = steps.reduce((most, step) => Math.max(most, step.end_ms), 0)
  return steps.length === 0
    ? { start_ms: 0, total_ms: 1 }
    : { start_ms, total_ms: Math.max(1, end_ms - start_ms) }
}

/** Milliseconds as measured; for a pair without its own figure, the time between its two records. */
export function stepDuration({ first, second, start_ms, end_ms }: Step): number | null {
  if (second) return second.duration_ms ?? (isFoundLater(second) ? null : end_ms - start_ms)
  return first.duration_ms
}

/** What a person should look at first. */
export function opensByItself({ verdict }: Step): boolean {
  return not_well.has(verdict)
}

/** What takes the colour of a refusal or a failure; of the unknown nobody knows that it is bad. */
export function isBad({ verdict }: Pick<Step, "verdict">): boolean {
  return verdict === "denied" || verdict === "failed" || verdict === "blocked"
}

export function firstToLookAt(steps: readonly Step[]): Step | undefined {
  return steps.find((step) => opensByItself(step) && step.kind !== "done")
}

/** Whether `seq` is one of the checkpoints that this step shows. */
export function holds({ first, second }: Step, seq: number): boolean {
  return first.seq === seq || second?.seq === seq
}

/** Steps in at most `n` runs of equal length, so that a long flow still fits on one screen. */
export function partsOf(steps: readonly Step[], n: number): Step[][] {
  const length = Math.max(1, Math.ceil(steps.length / n))
  const parts: Step[][] = []
  for (let at = 0; at < steps.length; at += length) parts.push(steps.slice(at, at + length))
  return parts
}

/** The step of a run that a person should see: the first that is not well, else the first. */
export function spokesman(part: readonly Step[]): Step {
  return part.find(opensByItself) ?? (part[0] as Step)
}

interface PairKey {
  key: string
  closes: boolean
}

function pairKey({ data }: Checkpoint): PairKey | null {
  switch (data.kind) {
    case "tool_call":
      return { key: `call ${data.call_id}`, closes: false }
    case "tool_result":
      return { key: `call ${data.call_id}`, closes: true }
    case "llm_thinking":
      return { key: "model", closes: false }
    case "llm_complete":
      return { key: "model", closes: true }
    default:
      return null
  }
}

/** A call that was denied or could not be made has no result to wait for. */
function awaitsMore({ closes }: PairKey, { verdict }: Checkpoint): boolean {
  return !closes && verdict !== "denied" && verdict !== "failed"
}

/** The end tells how long the whole flow took; itself it is a moment. */
function single(checkpoint: Checkpoint): Step {
  const end_ms = Date.parse(checkpoint.at)
  const own_ms = checkpoint.data.kind === "done" ? 0 : (checkpoint.duration_ms ?? 0)
  return {
    seq: checkpoint.seq,
    kind: checkpoint.data.kind,
    first: checkpoint,
    second: null,
    verdict: verdictOf(checkpoint),
    start_ms: end_ms - own_ms,
    end_ms,
  }
}

function completed(begun: Step, second: Checkpoint): Step {
  const kind = second.data.kind === "llm_complete" ? "llm_complete" : begun.kind
  const end_ms = isFoundLater(second) ? begun.end_ms : Math.max(Date.parse(second.at), begun.end_ms)
  return { ...begun, kind, second, verdict: verdictOf(second), start_ms: Date.parse(begun.first.at), end_ms }
}

/** Recovery wrote it when it found the call open, maybe hours later: when that ended nobody knows. */
function isFoundLater({ data, duration_ms }: Checkpoint): boolean {
  return data.kind === "tool_result" && data.status === "unknown" && duration_ms === null
}

function verdictOf({ data, verdict }: Checkpoint): Verdict {
  if (data.kind === "tool_result") return call_verdicts[data.status]
  if (data.kind === "done") return data.status
  if (data.kind === "blocked") return "blocked"
  if (data.kind === "llm_complete" && verdict === "info") return "ok"
  if (data.kind === "error" && verdict === "info") return data.code === "cancelled" ? "cancelled" : "failed"
  return verdict
}

/** The trace of a flow at a collector of OpenTelemetry: the one that its caller named, else its own id. */
export function traceOf(flowId: string, checkpoints: readonly Checkpoint[] | undefined): string {
  const signed = checkpoints?.find(({ data }) => data.kind === "auth_check")?.data
  const told = signed?.kind === "auth_check" ? signed.traceparent : null
  return told?.split("-")[1] ?? flowId.replaceAll("-", "")
}

/** "cursor 1.7.2 (2025-11-25)": the program of a flow, as its sign-in tells it. */
export function clientOf(checkpoints: readonly Checkpoint[] | undefined): string | null {
  const signed = checkpoints?.find(({ data }) => data.kind === "auth_check")?.data
  return signed?.kind === "auth_check" && signed.method !== "session" ? signed.client : null
}
