import { expect, test } from "vitest"
import { matches, narrowed } from "./many-tools"

const tool = (name: string, more = {}) => ({
  name,
  renamed: null,
  title: null,
  description: "Does it.",
  ...more,
})
const many = Array.from({ length: 650 }, (_, i) => tool(`tool_${i}`))

test("of many tools the first that match are listed, and the rest is counted", () => {
  expect(narrowed(many, "")).toMatchObject({ left: 600 })
  expect(narrowed(many, "").shown).toHaveLength(50)
  expect(narrowed(many, "TOOL_649 ")).toEqual({ shown: [many[649]], left: 0 })
})

test("a tool is found by its names, its title and the words that are shown of it", () => {
  const renamed = tool("a", { renamed: "order_of", title: "An order", shown_description: "Finds one." })
  for (const q of ["order_of", "an ORDER", "finds"]) expect(matches(renamed, q)).toBe(true)
  expect(matches(renamed, "does it")).toBe(false)
})
