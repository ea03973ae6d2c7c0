import { expect, test } from "vitest"
import { changeOf } from "./change"
import { overviewSearch } from "./overview-search"

test("a change says how much, in a figure and in words", () => {
  expect(changeOf(150, 100)).toEqual({
    figure: "+50 %",
    words: "50 percent more than yesterday at this time",
  })
  expect(changeOf(50, 100)?.figure).toBe("\u221250 %")
  expect(changeOf(100, 100)?.figure).toBe("same as yesterday")
})

test("without a yesterday there is no change to speak of", () => {
  expect(changeOf(10, 0)).toBeNull()
})

test("activities keep the filters that exist", () => {
  expect(overviewSearch({ type: "denial", user: "u1" })).toEqual({ type: "denial", user: "u1" })
  expect(overviewSearch({ type: "gossip", user: "" })).toEqual({})
})
