import { expect, test } from "vitest"
import { linesOf, matchesIn } from "./json-lines"
import type { Json } from "./json-model"

const value: Json = { flow: { id: "f1", empty: [] }, steps: [{ kind: "tool_call", n: 1 }, { kind: "done" }] }

test("only what is open becomes lines", () => {
  const lines = linesOf(value, (path) => path === "$.steps" || path === "$.steps[1]")
  expect(lines.map(({ path, depth, open }) => [path, depth, open])).toEqual([
    ["$.flow", 0, false],
    ["$.steps", 0, true],
    ["$.steps[0]", 1, false],
    ["$.steps[1]", 1, true],
    ["$.steps[1].kind", 2, null],
  ])
})

test("a plain value is one line", () => {
  expect(linesOf("x", () => true)).toEqual([{ key: "", path: "$", depth: 0, value: "x", open: null }])
})

test("a search finds keys and values, and says what must be opened", () => {
  expect(matchesIn(value, "TOOL")).toEqual([{ path: "$.steps[0].kind", above: ["$.steps", "$.steps[0]"] }])
  expect(matchesIn(value, "kind").map(({ path }) => path)).toEqual(["$.steps[0].kind", "$.steps[1].kind"])
  expect(matchesIn(value, "")).toEqual([])
  expect(
    matchesIn(
      Array.from({ length: 50 }, () => "a"),
      "a",
      10,
    ).length,
  ).toBe(10)
})
