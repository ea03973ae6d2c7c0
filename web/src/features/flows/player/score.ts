/** What a player plays: recorded flows on one clock, their moments in order, the marks and the pauses between. */
import type { Checkpoint, FlowRow } from "@/api/shapes"
import { applyAll, nothing, type RecordEvent, type RecordState, type StoredFlow } from "../apply"
import { type Step, stepsOf } from "../steps"
import { type TimeMap, timeMap } from "../time-map"

export type MarkTone = "error" | "denial" | "block" | "approval"

export interface Track {
  key: string
  flows: readonly StoredFlow[]
  /** Taken off its times, so that flows of different hours can run on one clock. */
  shift_ms: number
}

export interface Moment {
  at_ms: number
  track: string
  flow: FlowRow
  checkpoint: Checkpoint
}

export interface Mark {
  at_ms: number
  tone: MarkTone
  moment: Moment
}

export interface Segment {
  track: string
  flow_id: string
  step: Step
  start_ms: number
  end_ms: number
}

export interface Score {
  tracks: readonly Track[]
  moments: readonly Moment[]
  marks: readonly Mark[]
  segments: readonly Segment[]
  map: TimeMap
}

export interface Played {
  /** So many moments have happened. */
  n: number
  state: RecordState
}

const hair_ms = 0.01
/** More than so many moments at once are read as one snapshot. */
const leap = 100

export function scoreOf(tracks: readonly Track[]): Score {
  const moments = tracks
    .flatMap(momentsOf)
    .sort((a, b) => a.at_ms - b.at_ms || a.checkpoint.seq - b.checkpoint.seq)
  const segments = tracks.flatMap(segmentsOf)
  return {
    tracks,
    moments,
    segments,
    marks: moments.flatMap((moment) => {
      const tone = toneOf(moment.checkpoint)
      return tone ? [{ at_ms: moment.at_ms, tone, moment }] : []
    }),
    map: timeMap([...segments, ...lastOf(moments)]),
  }
}

/** How many moments have happened by then. */
export function momentsUntil({ moments }: Score, at_ms: number): number {
  let low = 0
  let high = moments.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((moments[middle]?.at_ms ?? 0) <= at_ms) low = middle + 1
    else high = middle
  }
  return low
}

/** The record as it stood when `n` moments had happened, from `before` where that lies behind. */
export function playedTo(score: Score, n: number, before: Played | null): Played {
  if (before?.n === n) return before
  const from = before && before.n < n && n - before.n <= leap ? before : null
  const start = from?.n ?? 0
  const state = from ? from.state : nothing
  const events = from ? score.moments.slice(start, n).flatMap(eventsOf) : leapTo(score.moments.slice(0, n))
  return { n, state: applyAll(state, events) }
}

/** What live would have been told of this moment. */
function eventsOf({ flow, checkpoint }: Moment): RecordEvent[] {
  const events: RecordEvent[] = [{ type: "checkpoint", ...checkpoint }]
  if (checkpoint.seq === 1) events.unshift({ type: "flow", ...asRunning(flow) })
  if (checkpoint.kind === "done") events.push({ type: "flow", ...flow })
  return events
}

/** What live would have been told of all this when it joined now. */
function leapTo(moments: readonly Moment[]): RecordEvent[] {
  const flows = new Map<string, { flow: FlowRow; checkpoints: Checkpoint[] }>()
  for (const { flow, checkpoint } of moments) {
    const known = flows.get(flow.flow_id) ?? { flow: asRunning(flow), checkpoints: [] }
    known.checkpoints.push(checkpoint)
    if (checkpoint.kind === "done") known.flow = flow
    flows.set(flow.flow_id, known)
  }
  const user_id = moments[0]?.flow.user_id ?? ""
  return [{ type: "snapshot", user_id, flows: [...flows.values()] }]
}

/** A flow's line while it ran; what it came to is not known yet. */
function asRunning(flow: FlowRow): FlowRow {
  return { ...flow, status: "running", ended_at: null, duration_ms: null, sentence: "Running.", steps: 0 }
}

/** What was recorded together follows one another by a hair, so that each can be stepped to. */
function momentsOf({ key, flows, shift_ms }: Track): Moment[] {
  return flows.flatMap(({ flow, checkpoints }) => {
    let before_ms = Number.NEGATIVE_INFINITY
    return checkpoints.map((checkpoint) => {
      const at_ms = Math.max(Date.parse(checkpoint.at) - shift_ms, before_ms + hair_ms)
      before_ms = at_ms
      return { at_ms, track: key, flow, checkpoint }
    })
  })
}

function segmentsOf({ key, flows, shift_ms }: Track): Segment[] {
  return flows.flatMap(({ flow, checkpoints }) =>
    stepsOf(checkpoints, flow.status).map((step) => ({
      track: key,
      flow_id: flow.flow_id,
      step,
      start_ms: step.start_ms - shift_ms,
      end_ms: step.end_ms - shift_ms,
    })),
  )
}

/** The clock goes on to the very last moment. */
function lastOf(moments: readonly Moment[]) {
  return moments.slice(-1).map(({ at_ms }) => ({ start_ms: at_ms, end_ms: at_ms }))
}

function toneOf({ kind, verdict }: Checkpoint): MarkTone | null {
  if (kind === "blocked" || (kind === "block_check" && verdict === "denied")) return "block"
  if (kind === "done") return null
  if (kind === "approval") return "approval"
  if (verdict === "denied") return "denial"
  return verdict === "failed" || kind === "error" ? "error" : null
}
