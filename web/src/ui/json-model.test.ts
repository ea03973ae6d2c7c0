import { expect, test } from "vitest"
import { entriesOf, parsed, pathsTo, summary } from "./json-model"

const value = { order: { id: 1042, "ship to": "Oslo" }, lines: [{ sku: "A-1" }, { sku: "B-2" }] }

test("paths are ones that can be pasted into code", () => {
  expect(entriesOf(value.order, "$.order").map((entry) => entry.path)).toEqual([
    "$.order.id",
    '$.order["ship to"]',
  ])
  expect(entriesOf(value.lines, "$.lines")[1]?.path).toBe("$.lines[1]")
})

test("a search opens only the branches that lead to a match", () => {
  expect([...pathsTo("b-2", value)].sort()).toEqual(["$", "$.lines", "$.lines[1]"])
  expect([...pathsTo("ship", value)].sort()).toEqual(["$", "$.order"])
  expect(pathsTo("nowhere", value).size).toBe(0)
  expect(pathsTo("", value).size).toBe(0)
})

test("a folded branch says how much it holds", () => {
  expect(summary(value.lines)).toBe("2 items")
  expect(summary({ a: 1 })).toBe("1 key")
})

test("only text with structure is taken for JSON", () => {
  expect(parsed('{"a": [1]}')).toEqual({ a: [1] })
  expect(parsed("{not json")).toBeUndefined()
  expect(parsed("42")).toBeUndefined()
})
