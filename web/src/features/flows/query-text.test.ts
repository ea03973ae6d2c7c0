import { expect, test } from "vitest"
import { expectedAt, isWhole, partsOf, taken, tidied, valuesOf, withValues } from "./query-text"

test("parts are found with their values, also quoted and turned ones", () => {
  const text = 'user:ann status:denied,failed -source:mcp text:"two words" late'
  expect(partsOf(text).map(({ key, values, negated }) => [key, values, negated])).toEqual([
    ["user", ["ann"], false],
    ["status", ["denied", "failed"], false],
    ["source", ["mcp"], true],
    ["text", ["two words"], false],
    [null, ["late"], false],
  ])
  expect(partsOf('a "b')).toHaveLength(2)
})

test("a facet changes its own part and leaves the rest, words last", () => {
  expect(valuesOf("status:denied -status:ok status:failed", "status")).toEqual(["denied", "failed"])
  expect(withValues("late status:denied server:wiki", "status", ["ok", "denied"])).toBe(
    "server:wiki status:ok,denied late",
  )
  expect(withValues("status:denied late", "status", [])).toBe("late")
  expect(withValues("", "user", ["Ann Lee"])).toBe('user:"Ann Lee"')
  expect(tidied("  a   b:c  ")).toBe("a b:c")
})

test("the caret expects a key, or a value of the key before it", () => {
  expect(expectedAt("", 0)).toEqual({ key: null, typed: "", from: 0, to: 0 })
  expect(expectedAt("late sta", 8)).toEqual({ key: null, typed: "sta", from: 5, to: 8 })
  expect(expectedAt("-sta", 4)).toEqual({ key: null, typed: "sta", from: 1, to: 4 })
  expect(expectedAt("status:den", 10)).toEqual({ key: "status", typed: "den", from: 7, to: 10 })
  expect(expectedAt("status:denied,fa", 16)).toEqual({ key: "status", typed: "fa", from: 14, to: 16 })
  expect(expectedAt("status:denied ", 14)).toEqual({ key: null, typed: "", from: 14, to: 14 })
  expect(expectedAt('user:"Ann L', 11)).toEqual({ key: "user", typed: "Ann L", from: 5, to: 11 })
})

test("what is taken completes what was typed, and the caret stands behind it", () => {
  expect(taken("sta", expectedAt("sta", 3), "status")).toEqual({ text: "status:", caret: 7 })
  expect(taken("status:den late", expectedAt("status:den late", 10), "denied")).toEqual({
    text: "status:denied late",
    caret: 14,
  })
  expect(taken("user:ann", expectedAt("user:ann", 8), "Ann Lee").text).toBe('user:"Ann Lee" ')
})

test("a query that is not whole yet is not asked", () => {
  for (const text of ["status:", 'text:"x', "foo:bar", "late user:"]) expect(isWhole(text)).toBe(false)
  for (const text of ["", "late", "status:denied late", 'text:"x y"']) expect(isWhole(text)).toBe(true)
})
