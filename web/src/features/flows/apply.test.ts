import { describe, expect, test } from "vitest"
import type { Checkpoint, FlowRow, StepData } from "@/api/shapes"
import {
  apply,
  applyAll,
  have,
  inOrder,
  isComplete,
  missing,
  nothing,
  type RecordEvent,
  type RecordState,
  type StoredFlow,
} from "./apply"

/** mulberry32: a seed makes the same numbers everywhere. */
function randomOf(seed: number) {
  let state = seed
  return (below: number) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

function checkpoint(flow_id: string, seq: number, last: boolean): Checkpoint {
  const data = last
    ? { kind: "done", status: "ok", duration_ms: 5, input_tokens: 1, output_tokens: 1, cost_micros: 0 }
    : { kind: "block_check", scope: "chat", epoch: seq, message: null, since: null, by: null }
  return {
    flow_id,
    seq,
    parent_seq: null,
    user_id: "u1",
    source: "chat",
    conversation_id: null,
    at: "2026-11-22T10:00:00Z",
    duration_ms: 1,
    verdict: last ? "info" : "passed",
    kind: last ? "done" : "block_check",
    data: { ...data, ...(last ? { tool_calls: 0 } : {}) } as StepData,
  }
}

function summary(flow_id: string, steps: number, ended: boolean): FlowRow {
  return {
    flow_id,
    user_id: "u1",
    user_email: "bob@example.org",
    user_name: "Bob",
    source: "chat",
    conversation_id: null,
    title: flow_id,
    status: ended ? "ok" : "running",
    started_at: "2026-11-22T10:00:00Z",
    ended_at: ended ? "2026-11-22T10:00:01Z" : null,
    duration_ms: ended ? 5 : null,
    steps,
    tool_calls: 0,
    input_tokens: 0,
    output_tokens: 0,
    cost_micros: 0,
    servers: [],
    sentence: ended ? "Answered." : "Running.",
    model: null,
  }
}

type Random = (below: number) => number

/** A server with a few flows that grow by phases, as the store has them and as it tells of them. */
class Server {
  readonly flows = new Map<string, StoredFlow>()
  private readonly random: Random

  constructor(random: Random) {
    this.random = random
  }

  grow(): RecordEvent[] {
    const open = [...this.flows.values()].filter(({ flow }) => flow.status === "running")
    if (open.length === 0 || (this.flows.size < 4 && this.random(6) === 0)) return this.open()
    const one = open[this.random(open.length)] as StoredFlow
    return this.write(one.flow.flow_id, 1 + this.random(3), this.random(5) === 0)
  }

  finish(): RecordEvent[] {
    return [...this.flows.values()]
      .filter(({ flow }) => flow.status === "running")
      .flatMap(({ flow }) => this.write(flow.flow_id, 1, true))
  }

  snapshot(known: Record<string, number>): RecordEvent {
    const flows = [...this.flows.values()].map(({ flow, checkpoints }) => ({
      flow,
      checkpoints: checkpoints.filter(({ seq }) => seq > (known[flow.flow_id] ?? 0)),
    }))
    return { type: "snapshot", user_id: "u1", flows }
  }

  private open(): RecordEvent[] {
    const flow_id = `f${this.flows.size}`
    this.flows.set(flow_id, { flow: summary(flow_id, 0, false), checkpoints: [] })
    return this.write(flow_id, 2, false)
  }

  private write(flow_id: string, n: number, ended: boolean): RecordEvent[] {
    const old = this.flows.get(flow_id)?.checkpoints ?? []
    const total = old.length + n
    const fresh = Array.from({ length: n }, (_, i) =>
      checkpoint(flow_id, old.length + 1 + i, ended && i === n - 1),
    )
    const flow = summary(flow_id, total, ended)
    this.flows.set(flow_id, { flow, checkpoints: [...old, ...fresh] })
    const told: RecordEvent[] = fresh.map((one) => ({ type: "checkpoint", ...one }))
    return ended || this.random(2) === 0 ? [...told, { type: "flow", ...flow }] : told
  }
}

/** What a bad network makes of the events: some lost, some twice, some late. */
function mangled(events: RecordEvent[], late: RecordEvent[], random: Random): RecordEvent[] {
  const out: RecordEvent[] = []
  for (const event of [...events, ...late.splice(0, random(late.length + 1))]) {
    const fate = random(10)
    if (fate < 2) continue
    if (fate < 4) late.push(event)
    else out.push(event)
    if (fate === 9) out.splice(random(out.length + 1), 0, event)
  }
  return out
}

function live(server: Server, random: Random): RecordState {
  let state = apply(nothing, server.snapshot({}))
  const late: RecordEvent[] = []
  for (let round = 0; round < 40; round++) {
    const before = have(state)
    const snapshot_of_then = server.snapshot(before)
    state = applyAll(state, mangled(server.grow(), late, random))
    if (random(8) === 0) state = apply(state, snapshot_of_then)
    if (random(6) === 0) state = apply(state, server.snapshot(missing(state)))
    if (random(10) === 0) state = apply(state, server.snapshot(have(state)))
  }
  state = applyAll(state, mangled(server.finish(), late, random))
  return applyAll(apply(state, server.snapshot(have(state))), late)
}

describe("live state equals stored state", () => {
  test("whatever was dropped, doubled, late or told again, it ends as what is fetched anew", () => {
    for (let seed = 1; seed <= 400; seed++) {
      const random = randomOf(seed)
      const server = new Server(random)
      const state = live(server, random)
      const anew = apply(nothing, server.snapshot({}))
      expect(inOrder(state), `seed ${seed}`).toEqual(inOrder(anew))
      expect(missing(state)).toEqual({})
      expect(inOrder(state).every(isComplete)).toBe(true)
    }
  })

  test("one event at a time and all at once come to the same", () => {
    for (let seed = 1; seed <= 100; seed++) {
      const random = randomOf(seed)
      const server = new Server(random)
      const events = Array.from({ length: 30 }, () => mangled(server.grow(), [], random)).flat()
      const one_by_one = events.reduce(apply, nothing)
      expect(inOrder(applyAll(nothing, events)), `seed ${seed}`).toEqual(inOrder(one_by_one))
    }
  })
})

test("a hole is known, and what is behind it waits until it is filled", () => {
  const step = (seq: number): RecordEvent => ({ type: "checkpoint", ...checkpoint("f0", seq, false) })
  const holed = applyAll(nothing, [step(1), step(4), step(3)])
  expect(missing(holed)).toEqual({ f0: 1 })
  expect(holed.get("f0")?.checkpoints.map(({ seq }) => seq)).toEqual([1])
  const filled = apply(holed, step(2))
  expect(missing(filled)).toEqual({})
  expect(filled.get("f0")?.checkpoints.map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
})

test("of an earlier flow its summary is enough: nothing of it is asked for", () => {
  const state = apply(nothing, { type: "flow", ...summary("f0", 9, true) })
  expect([have(state), missing(state)]).toEqual([{}, {}])
  expect(missing(apply(nothing, { type: "flow", ...summary("f1", 2, false) }))).toEqual({ f1: 0 })
})

test("what tells nothing new changes nothing, not even the object", () => {
  const state = applyAll(nothing, [
    { type: "checkpoint", ...checkpoint("f0", 1, false) },
    { type: "flow", ...summary("f0", 1, false) },
    { type: "flow", ...summary("f1", 9, true) },
  ])
  expect(apply(state, { type: "checkpoint", ...checkpoint("f0", 1, false) })).toBe(state)
  expect(apply(state, { type: "flow", ...summary("f1", 3, false) })).toBe(state)
})
