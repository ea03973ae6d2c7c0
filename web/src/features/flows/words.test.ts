import { expect, test } from "vitest"
import { flowSearch } from "./flow-search"
import { flowsSearch, pickedIn, queryOf, statusesIn, statusWords } from "./words"

test("a list keeps the filters it knows and drops the rest", () => {
  expect(flowsSearch({ status: "denied", source: "fax", q: "order", user: "", extra: 1 })).toEqual({
    status: "denied",
    q: "order",
  })
})

test("several outcomes stand in the address once each, and unknown ones are dropped", () => {
  expect(flowsSearch({ status: "blocked,denied,denied,lost" })).toEqual({ status: "denied,blocked" })
  expect(flowsSearch({ status: "lost" })).toEqual({})
  expect(statusesIn("failed,unknown")).toEqual(["failed", "unknown"])
  expect(statusWords([])).toBeUndefined()
})

test("a list begins at a moment with its zone, or at none", () => {
  expect(flowsSearch({ since: "2026-03-10T00:00:00Z" })).toEqual({ since: "2026-03-10T00:00:00Z" })
  expect(flowsSearch({ since: "2026-03-10T00:00:00" })).toEqual({})
  expect(flowsSearch({ since: "yesterday" })).toEqual({})
})

test("a search that looks like a number is still a search", () => {
  expect(flowsSearch({ q: 1042 })).toEqual({ q: "1042" })
})

test("a flow keeps a sensible step and the view that is not the usual one", () => {
  expect(flowSearch({ step: "7", view: "json" })).toEqual({ step: 7, view: "json" })
  expect(flowSearch({ step: "x", view: "cards" })).toEqual({})
})

test("what links name apart and what was typed are one query", () => {
  expect(queryOf({ status: "denied,blocked", since: "2026-03-10T00:00:00Z", q: "late" })).toBe(
    "status:denied,blocked since:2026-03-10T00:00:00Z late",
  )
  expect(queryOf({})).toBe("")
})

test("each flow is picked once", () => {
  expect(pickedIn("a,b,a")).toEqual(["a", "b"])
  expect(pickedIn(undefined)).toEqual([])
})
