import { expect, test } from "vitest"
import { argumentsLine } from "./arguments-line"

test("arguments read in one line, with what is long only hinted at", () => {
  expect(argumentsLine({ order_id: 1042, note: "late", lines: [1, 2], more: { a: 1 }, none: null })).toBe(
    'order_id: 1042, note: "late", lines: [2], more: {\u2026}, none: null',
  )
  expect(argumentsLine({ text: "x".repeat(500) })).toHaveLength(161)
  expect(argumentsLine({})).toBe("")
})
