import { expect, test } from "vitest"
import { inOrder } from "../apply"
import { began_ms, recorded } from "../fixture/build"
import { answered, blocked_midway, denied_credits, every_flow } from "../fixture/every-kind"
import { auth, done, thinking } from "../fixture/steps"
import { advanced, clockAt, faster, nextProblem, nudged, sought, stepped, toggled } from "./clock"
import { momentsUntil, type Played, playedTo, scoreOf } from "./score"
import { standingAfter } from "./standing"
import { playheadOf } from "./store"

const stored = ({ row, checkpoints }: (typeof every_flow)[number]) => ({ flow: row, checkpoints })
const scoreWith = (...flows: (typeof every_flow)[number][]) =>
  scoreOf([{ key: "a", flows: flows.map(stored), shift_ms: 0 }])
const score = scoreWith(answered)

test("whatever way leads to a moment, the record stands there as it stood then", () => {
  for (const flow of every_flow) {
    const whole = scoreWith(flow)
    let step: Played | null = null
    for (let n = 0; n <= flow.checkpoints.length; n += 1) {
      step = playedTo(whole, n, step)
      const back = playedTo(whole, n, playedTo(whole, flow.checkpoints.length, null))
      expect(step.state).toEqual(playedTo(whole, n, null).state)
      expect(back.state).toEqual(step.state)
      expect(inOrder(step.state)[0]?.checkpoints ?? []).toEqual(flow.checkpoints.slice(0, n))
    }
    expect(inOrder(step?.state ?? new Map())[0]?.flow).toEqual(
      flow.row.status === "running" ? expect.anything() : flow.row,
    )
  }
})

test("before its end a flow runs, and what it came to is not told", () => {
  const [state] = inOrder(playedTo(score, 3, null).state)
  expect(state?.flow).toMatchObject({ status: "running", ended_at: null, sentence: "Running." })
})

test("the clock runs at its speed and stops at the end", () => {
  const clock = { ...clockAt(score, 0), playing: true, speed: 2 }
  expect(advanced(clock, score, 500).at_ms).toBe(score.map.start_ms + 1_000)
  expect(advanced(clock, score, 1e9)).toMatchObject({ at_ms: score.map.end_ms, playing: false })
  expect(advanced({ ...clock, playing: false }, score, 500).at_ms).toBe(score.map.start_ms)
})

test("a long pause is skipped, unless it is to be waited for", () => {
  const door = { name: "slow", status: "ok", source: "chat", sentence: "" } as const
  const slow = scoreWith(recorded(door, [auth(), thinking(1, { after_ms: 600_000 }), done("ok")]))
  const clock = { ...clockAt(slow, 10), playing: true }
  expect(advanced(clock, slow, 1_000).at_ms).toBe(slow.map.end_ms)
  expect(advanced({ ...clock, skips_idle: false }, slow, 1_000).at_ms).toBeLessThan(slow.map.start_ms + 2_000)
})

test("play at the end starts over, seeking pauses", () => {
  const end = sought(clockAt(score, 0), score, 1e15)
  expect(end).toMatchObject({ at_ms: score.map.end_ms, playing: false })
  expect(toggled(end, score)).toMatchObject({ at_ms: score.map.start_ms, playing: true })
  expect(sought({ ...end, playing: true }, score, -1)).toMatchObject({
    at_ms: score.map.start_ms,
    playing: false,
  })
  expect(nudged(end, score, -1_000).at_ms).toBeLessThan(end.at_ms)
})

test("steps lead from one moment to the next and back", () => {
  let clock = clockAt(score, 0)
  const seen: number[] = []
  while (clock.at_ms < score.map.end_ms) {
    clock = stepped(clock, score, 1)
    seen.push(momentsUntil(score, clock.at_ms))
  }
  expect(seen.at(-1)).toBe(answered.checkpoints.length)
  expect(seen).toEqual(seen.toSorted((a, b) => a - b))
  expect(stepped(clock, score, -1).at_ms).toBeLessThan(clock.at_ms)
})

test("checkpoints of one instant are stepped through one by one", () => {
  const door = { name: "at once", status: "ok", source: "mcp", sentence: "" } as const
  const at_once = scoreWith(
    recorded(door, [auth(), auth({}, { after_ms: 0 }), auth({}, { after_ms: 0 }), done("ok")]),
  )
  let clock = clockAt(at_once, 0)
  const counts = [1, 2, 3, 4].map(() => {
    clock = stepped(clock, at_once, 1)
    return momentsUntil(at_once, clock.at_ms)
  })
  expect(counts).toEqual([1, 2, 3, 4])
  const t_ms = playheadOf(stepped(clockAt(at_once, 0), at_once, 1).at_ms, at_once)
  expect(momentsUntil(at_once, clockAt(at_once, t_ms).at_ms)).toBeGreaterThanOrEqual(1)
})

test("next error goes through what is not well and begins again; an approval is none", () => {
  const first = nextProblem(clockAt(score, 0), score)
  expect(first?.moment.checkpoint.data).toMatchObject({ status: "tool_error" })
  const second = nextProblem(sought(clockAt(score, 0), score, first?.at_ms ?? 0), score)
  expect(second?.moment.checkpoint.data).toMatchObject({ status: "timeout" })
  expect(nextProblem(sought(clockAt(score, 0), score, second?.at_ms ?? 0), score)).toBe(first)
  expect(score.marks.map(({ tone }) => tone)).toEqual(["approval", "error", "error"])
  expect(scoreWith(blocked_midway).marks.at(-1)?.tone).toBe("block")
})

test("speed has its bounds", () => {
  const clock = clockAt(score, 0)
  expect([faster(clock, 1).speed, faster(clock, -1).speed]).toEqual([2, 0.5])
  expect(faster({ ...clock, speed: 8 }, 1).speed).toBe(8)
})

test("two flows of different hours run on one clock", () => {
  const later = recorded(
    { name: "later", status: "ok", source: "mcp", sentence: "" },
    [auth(), done("ok")],
    began_ms + 3_600_000,
  )
  const both = scoreOf([
    { key: "a", flows: [stored(answered)], shift_ms: began_ms },
    { key: "b", flows: [stored(later)], shift_ms: began_ms + 3_600_000 },
  ])
  expect(both.map.start_ms).toBeLessThanOrEqual(1)
  expect(new Set(both.moments.slice(0, 2).map(({ track }) => track))).toEqual(new Set(["a", "b"]))
  const { state } = playedTo(both, both.moments.length, null)
  expect(state.size).toBe(2)
})

test("credits, access and block stand as the checkpoints told them by then", () => {
  const at = (kind: string) => answered.checkpoints.findIndex((one) => one.kind === kind) + 1
  expect(standingAfter(answered.checkpoints.slice(0, 1))).toMatchObject({
    remaining_micros: null,
    block: null,
  })
  expect(standingAfter(answered.checkpoints.slice(0, at("usage_check")))).toMatchObject({
    remaining_micros: 411_600,
    reserved_micros: 12_000,
    tools: { offered: 14, removed: 8 },
    block: { blocked: false },
  })
  expect(standingAfter(answered.checkpoints)).toMatchObject({ remaining_micros: 421_500, tool_calls: 3 })
  expect(standingAfter(blocked_midway.checkpoints).block).toMatchObject({
    blocked: true,
    by: "boss@example.org",
  })
  expect(standingAfter(denied_credits.checkpoints)).toMatchObject({ reserved_micros: 0 })
})
