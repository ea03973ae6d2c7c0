import { expect, test } from "vitest"
import type { Export } from "./store"
import { shareOf, subjectOf, wordsOf } from "./words"

const item: Export = {
  ...{ id: 1, user_id: "ann", form: "jsonl", label: "JSON lines", query: {}, what: "all flows" },
  ...{
    state: "going",
    flows: 1240,
    bytes: 9,
    total: { count: 20_000, more: false },
    reason: null,
    refused: false,
  },
}

test("an export says how far it is, as far as anybody knows", () => {
  expect(wordsOf(item)).toBe("Exporting 1,240 of 20,000 flows")
  expect(wordsOf({ ...item, total: { count: 10_000, more: true } })).toBe(
    "Exporting 1,240 of more than 10,000 flows",
  )
  expect(wordsOf({ ...item, total: null })).toBe("Exporting 1,240 flows")
  expect(wordsOf({ ...item, total: { count: 1_000, more: true } })).toBe("Exporting 1,240 flows")
  expect(wordsOf({ ...item, state: "done", flows: 0 })).toBe("No flow was found")
  expect(shareOf(item)).toBeCloseTo(0.062)
  expect(shareOf({ ...item, total: { count: 10_000, more: true } })).toBeNull()
})

test("it says what of: the query, or what was picked", () => {
  expect(subjectOf(item)).toBe("JSON lines: all flows")
  expect(subjectOf({ ...item, query: { q: "status:denied" } })).toBe("JSON lines: status:denied")
})
