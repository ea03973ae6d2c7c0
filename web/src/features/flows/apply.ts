/** The record of flows as it grows: one pure reducer for what arrives live and for what is played back. */
import type { Checkpoint, FlowRow } from "@/api/shapes"

export interface FlowState {
  flow_id: string
  /** The newest summary that is known: an ended one is final, of two running ones that of more steps. */
  flow: FlowRow | null
  /** 1..n without a hole, exactly as stored. */
  checkpoints: readonly Checkpoint[]
  /** What arrived behind a hole, in order; it joins `checkpoints` when the hole is filled. */
  ahead: readonly Checkpoint[]
}

/** By flow id. Never changed in place: a flow that an event says nothing new of stays the same object. */
export type RecordState = ReadonlyMap<string, FlowState>

export interface StoredFlow {
  flow: FlowRow
  /** Any part of them, in any order. */
  checkpoints: readonly Checkpoint[]
}

export type RecordEvent =
  | ({ type: "checkpoint" } & Checkpoint)
  | ({ type: "flow" } & FlowRow)
  | { type: "snapshot"; user_id: string; flows: readonly StoredFlow[] }

export const nothing: RecordState = new Map()

/** Idempotent by (flow_id, seq) and indifferent to order: the state depends on what was heard, not when. */
export function apply(state: RecordState, event: RecordEvent): RecordState {
  return applyAll(state, [event])
}

/** The same as one `apply` after another, at the price of one copy. */
export function applyAll(state: RecordState, events: Iterable<RecordEvent>): RecordState {
  let next: Map<string, FlowState> | null = null
  const put = (flow_id: string, change: (old: FlowState) => FlowState) => {
    const old = (next ?? state).get(flow_id)
    const changed = change(old ?? { flow_id, flow: null, checkpoints: [], ahead: [] })
    if (changed === old) return
    next ??= new Map(state)
    next.set(flow_id, changed)
  }
  for (const event of events) {
    if (event.type === "checkpoint") {
      const { type: _, ...checkpoint } = event
      put(checkpoint.flow_id, (old) => withCheckpoints(old, [checkpoint]))
    } else if (event.type === "flow") {
      const { type: _, ...flow } = event
      put(flow.flow_id, (old) => withSummary(old, flow))
    } else {
      for (const { flow, checkpoints } of event.flows)
        put(flow.flow_id, (old) => withCheckpoints(withSummary(old, flow), checkpoints))
    }
  }
  return next ?? state
}

/** What a reconnecting reader has: the last seq without a hole, of the flows that are read step by step. */
export function have(state: RecordState): Record<string, number> {
  const read = [...state.values()].filter(isRead)
  return Object.fromEntries(read.map((one) => [one.flow_id, one.checkpoints.length]))
}

/** The flows of `have` of which a checkpoint is known to exist that has not arrived. */
export function missing(state: RecordState): Record<string, number> {
  const holed = [...state.values()].filter((one) => isRead(one) && hasHole(one))
  return Object.fromEntries(holed.map((one) => [one.flow_id, one.checkpoints.length]))
}

export function hasHole({ flow, checkpoints, ahead }: FlowState): boolean {
  return ahead.length > 0 || (flow?.steps ?? 0) > checkpoints.length
}

/** Whether everything that will ever be known of it is: `done` is always last and the only end. */
export function isComplete({ flow, checkpoints }: FlowState): boolean {
  return checkpoints.at(-1)?.kind === "done" && flow !== null && flow.status !== "running"
}

/** Of a flow that is over its summary alone may be known: nobody reads its steps. */
function isRead({ flow, checkpoints, ahead }: FlowState): boolean {
  return checkpoints.length > 0 || ahead.length > 0 || flow?.status === "running"
}

/** The flows by the time they began; their ids are made in that order. */
export function inOrder(state: RecordState): FlowState[] {
  return [...state.values()].sort((a, b) => (a.flow_id < b.flow_id ? -1 : 1))
}

function withSummary(state: FlowState, flow: FlowRow): FlowState {
  return state.flow && !supersedes(flow, state.flow) ? state : { ...state, flow }
}

function supersedes(flow: FlowRow, known: FlowRow): boolean {
  if (known.status !== "running") return false
  return flow.status !== "running" || flow.steps > known.steps
}

function withCheckpoints(state: FlowState, given: readonly Checkpoint[]): FlowState {
  const fresh = unknownOf(state, given)
  if (fresh.length === 0) return state
  const ahead = [...state.ahead, ...fresh].sort((a, b) => a.seq - b.seq)
  const first = state.checkpoints.length + 1
  const fit = ahead.findIndex(({ seq }, i) => seq !== first + i)
  const joined = fit < 0 ? ahead.length : fit
  if (joined === 0) return { ...state, ahead }
  return {
    ...state,
    checkpoints: [...state.checkpoints, ...ahead.slice(0, joined)],
    ahead: ahead.slice(joined),
  }
}

function unknownOf({ checkpoints, ahead }: FlowState, given: readonly Checkpoint[]): Checkpoint[] {
  const known = new Set(ahead.map(({ seq }) => seq))
  return given.filter(({ seq }) => {
    if (seq <= checkpoints.length || known.has(seq)) return false
    known.add(seq)
    return true
  })
}
