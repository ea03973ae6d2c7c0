import { expect, test } from "vitest"
import { filterOf, talkSearch, talksSearch } from "./talks-search"

test("the address keeps what it knows and drops the rest", () => {
  expect(talksSearch({ q: 42, user: "ann", from: "2026-03-10", to: "soon", extra: 1 })).toEqual({
    q: "42",
    user: "ann",
    from: "2026-03-10",
  })
})

test("days are whole days of the reader's zone", () => {
  const { since, until, q } = filterOf({ q: "x", from: "2026-03-10", to: "2026-03-10" })
  expect(q).toBe("x")
  expect(new Date(since ?? "").getTime()).toBe(new Date(2026, 2, 10).getTime())
  expect(new Date(until ?? "").getTime()).toBe(new Date(2026, 2, 11).getTime())
  expect(filterOf({})).toEqual({})
})

test("a conversation is shown as its transcript unless the graph is asked for", () => {
  expect(talkSearch({ view: "graph", more: 1 })).toEqual({ view: "graph" })
  expect(talkSearch({ view: "nothing" })).toEqual({})
})
