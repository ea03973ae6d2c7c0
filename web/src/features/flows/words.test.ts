import { expect, test } from "vitest"
import { flowSearch } from "./flow-search"
import { flowsSearch } from "./words"

test("a list keeps the filters it knows and drops the rest", () => {
  expect(flowsSearch({ status: "denied", source: "fax", q: "order", user: "", extra: 1 })).toEqual({
    status: "denied",
    q: "order",
  })
})

test("a search that looks like a number is still a search", () => {
  expect(flowsSearch({ q: 1042 })).toEqual({ q: "1042" })
})

test("a flow keeps a sensible step and the view that is not the usual one", () => {
  expect(flowSearch({ step: "7", view: "json" })).toEqual({ step: 7, view: "json" })
  expect(flowSearch({ step: "x", view: "cards" })).toEqual({})
})
