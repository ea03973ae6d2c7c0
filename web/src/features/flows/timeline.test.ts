import { expect, test } from "vitest"
import { answered, every_flow } from "./fixture/every-kind"
import { stepsOf } from "./steps"
import { inView, minimap, ticks, tickWords, waterfall, zoomed } from "./timeline"

test("calls that run at once lie on lanes of their own, those after them use a lane again", () => {
  const { bars, lanes } = waterfall(stepsOf(answered.checkpoints, "ok"))
  const calls = bars.filter(({ step }) => step.kind === "tool_call")
  expect(new Set(calls.map(({ lane }) => lane)).size).toBe(3)
  expect(lanes).toBeLessThanOrEqual(4)
  for (const a of bars)
    for (const b of bars)
      if (a !== b && a.lane === b.lane) expect(a.to <= b.from || b.to <= a.from).toBe(true)
})

test("every step of every flow has a bar within the scale", () => {
  for (const { checkpoints, row } of every_flow) {
    const steps = stepsOf(checkpoints, row.status)
    const { bars, map } = waterfall(steps)
    expect(bars.length).toBe(steps.length)
    for (const { from, to } of bars) {
      expect(from).toBeGreaterThanOrEqual(0)
      expect(to).toBeGreaterThanOrEqual(from)
      expect(to).toBeLessThanOrEqual(map.shown_ms)
    }
  }
})

test("the ruler has round figures within what is in view", () => {
  expect(ticks({ from: 0, to: 1_000 })).toEqual([0, 200, 400, 600, 800, 1_000])
  expect(ticks({ from: 130, to: 190 }, 6)).toEqual([130, 140, 150, 160, 170, 180, 190])
})

test("ticks of a ruler that is fine are not all the same", () => {
  const view = { from: 0, to: 0.9 }
  expect(ticks(view).map((tick) => tickWords(tick, view))).toEqual([
    "0",
    "0.2 ms",
    "0.4 ms",
    "0.6 ms",
    "0.8 ms",
  ])
  const told = ticks({ from: 0, to: 0.05 }).map((tick) => tickWords(tick, { from: 0, to: 0.05 }))
  expect(new Set(told).size).toBe(told.length)
  expect(tickWords(2.5, { from: 0, to: 5 })).toBe("2.5 ms")
  expect(tickWords(1_500, { from: 0, to: 5_000 })).toBe("1.5 s")
})

test("dragging zooms in either direction, a click or the whole does not", () => {
  expect(zoomed(900, 100, 1_000)).toEqual({ from: 100, to: 900 })
  expect(zoomed(-50, 300, 1_000)).toEqual({ from: 0, to: 300 })
  expect(zoomed(500, 500.1, 1_000)).toBeNull()
  expect(zoomed(0, 1_000, 1_000)).toBeNull()
})

test("the minimap keeps what is not well", () => {
  const columns = minimap(waterfall(stepsOf(answered.checkpoints, "ok")), 50)
  expect(columns.length).toBe(50)
  expect(columns.some(({ problem }) => problem)).toBe(true)
  expect(Math.max(...columns.map(({ height }) => height))).toBe(1)
})

test("a part in view shows what runs in it, wherever it began", () => {
  const { bars, map } = waterfall(stepsOf(answered.checkpoints, "ok"))
  const call = bars.find(({ step }) => step.first.data.kind === "tool_call" && step.verdict === "failed")
  const middle = ((call?.from ?? 0) + (call?.to ?? 0)) / 2
  const seen = inView(bars, { from: middle, to: middle + 1 })
  expect(seen).toContain(call)
  expect(seen.length).toBeLessThan(bars.length)
  expect(inView(bars, null)).toBe(bars)
  expect(inView(bars, { from: 0, to: map.shown_ms }).length).toBe(bars.length)
})
