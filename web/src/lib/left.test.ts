import { expect, test } from "vitest"
import { leftWords } from "./left"

const until = "2026-01-01T12:00:00Z"
const at = (minutes: number) => leftWords(until, Date.parse(until) - minutes * 60_000)

test("what is left is said in whole minutes", () => {
  expect([at(59.9), at(90), at(0), at(-5)]).toEqual([
    "59 min left",
    "1 h 30 min left",
    "under 1 min left",
    "under 1 min left",
  ])
})

test("more than two days are said in days and hours", () => {
  expect([at(7 * 24 * 60 - 1), at(3 * 24 * 60), at(47 * 60)]).toEqual([
    "6 days 23 h left",
    "3 days left",
    "47 h left",
  ])
})
