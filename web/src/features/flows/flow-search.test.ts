import { expect, test } from "vitest"
import { flowSearch } from "./flow-search"

test("the address of a flow holds step, view and playhead", () => {
  expect(flowSearch({ step: 12, view: "timeline", t: 3500 })).toEqual({ step: 12, view: "timeline", t: 3500 })
  expect(flowSearch({ step: "3", t: "0" })).toEqual({ step: 3, t: 0 })
})

test("what is not known is dropped, and cards need no word", () => {
  expect(flowSearch({ step: "x", view: "cards", t: -1 })).toEqual({})
  expect(flowSearch({ step: 0, view: "pie", t: "" })).toEqual({})
})
