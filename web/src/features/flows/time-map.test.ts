import { expect, test } from "vitest"
import { idlePieces, momentAt, shownAt, timeMap } from "./time-map"

const spans = [
  { start_ms: 1_000, end_ms: 2_000 },
  { start_ms: 1_500, end_ms: 4_000 },
  { start_ms: 64_000, end_ms: 65_000 },
]

test("a pause of more than five seconds is shown short, and its place is known", () => {
  const map = timeMap(spans, 500)
  expect(map).toMatchObject({ start_ms: 1_000, end_ms: 65_000, shown_ms: 3_000 + 500 + 1_000 })
  expect(idlePieces(map)).toEqual([
    { from_ms: 4_000, to_ms: 64_000, shown_from_ms: 3_000, shown_to_ms: 3_500, idle: true },
  ])
})

test("a pause of five seconds stays as it is", () => {
  const map = timeMap([
    { start_ms: 0, end_ms: 10 },
    { start_ms: 5_010, end_ms: 5_020 },
  ])
  expect(map.shown_ms).toBe(5_020)
  expect(idlePieces(map)).toEqual([])
})

test("every moment is shown at one place, in order, and the place leads back to it", () => {
  const map = timeMap(spans, 500)
  let before = -1
  for (let at_ms = 1_000; at_ms <= 65_000; at_ms += 250) {
    const shown = shownAt(map, at_ms)
    expect(shown).toBeGreaterThan(before)
    expect(momentAt(map, shown)).toBeCloseTo(at_ms, 3)
    before = shown
  }
})

test("moments outside are shown at the ends", () => {
  const map = timeMap(spans, 500)
  expect(shownAt(map, -5)).toBe(0)
  expect(shownAt(map, 99_000)).toBe(map.shown_ms)
  expect(momentAt(map, -5)).toBe(1_000)
  expect(momentAt(map, 1e9)).toBe(65_000)
})

test("nothing is shown as nothing", () => {
  expect(timeMap([])).toMatchObject({ shown_ms: 1, pieces: [] })
  expect(shownAt(timeMap([]), 5)).toBe(0)
})

test("what takes less than a millisecond is shown as long as it is", () => {
  const map = timeMap([{ start_ms: 7, end_ms: 7.2 }])
  expect(map.shown_ms).toBeCloseTo(0.2)
  expect(momentAt(map, 0.1)).toBeCloseTo(7.1)
  expect(timeMap([{ start_ms: 7, end_ms: 7 }]).shown_ms).toBe(1)
})
