import { expect, test } from "vitest"
import { niceTop } from "./bar-chart"

test("the top of a chart is a round figure that holds the highest bar", () => {
  expect([0, 0.3, 1, 3, 7, 12, 41, 100].map(niceTop)).toEqual([1, 0.4, 1, 4, 10, 20, 50, 100])
})
