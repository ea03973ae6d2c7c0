import { expect, test } from "vitest"
import type { ToolView } from "@/api/shapes"
import { chosenOf, nameIsValid, patchOf, priceIsValid } from "./tool-choice"

const tool = {
  labels: ["destructive"],
  renamed: "lookup",
  shown_title: null,
  shown_description: "Looks up.",
  price_micros: 2500,
} as unknown as ToolView

test("nothing is sent while nothing differs", () => {
  expect(patchOf(tool, chosenOf(tool, 1000), 1000)).toEqual({})
})

test("an emptied field takes the choice back, a filled one sets it", () => {
  const draft = { ...chosenOf(tool, 1000), renamed: " ", shown_title: "Look up", price: "" }
  expect(patchOf(tool, draft, 1000)).toEqual({ renamed: null, shown_title: "Look up", price_micros: null })
})

test("labels count by what they are, not by their order", () => {
  const draft = chosenOf(tool, 1000)
  expect(patchOf(tool, { ...draft, labels: ["destructive"] }, 1000)).toEqual({})
  expect(patchOf(tool, { ...draft, labels: [] }, 1000)).toEqual({ labels: [] })
})

test("a price is a number of credits or nothing", () => {
  const draft = chosenOf(tool, 1000)
  expect(priceIsValid({ ...draft, price: "x" })).toBe(false)
  expect(priceIsValid({ ...draft, price: "" })).toBe(true)
  expect(patchOf(tool, { ...draft, price: "3" }, 1000)).toEqual({ price_micros: 3000 })
})

test("a name that clients refuse is said before it is sent", () => {
  const chosen = { labels: [], renamed: "", shown_title: "", shown_description: "", price: "" }
  for (const renamed of ["", "look_up", "a".repeat(64)])
    expect(nameIsValid({ ...chosen, renamed })).toBe(true)
  for (const renamed of ["look up", "a.b", "a".repeat(65)])
    expect(nameIsValid({ ...chosen, renamed })).toBe(false)
})
