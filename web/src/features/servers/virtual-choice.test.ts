import { expect, test } from "vitest"
import type { ToolView } from "@/api/shapes"
import { bodyOf, collisions, draftOf, isReady, type Picked, toggled } from "./virtual-choice"

const wiki = { server_id: "1", slug: "wiki" }
const shop = { server_id: "2", slug: "shop" }
const search = { name: "search", bare: "search" } as ToolView

test("a second tool of one name is called after its server too", () => {
  const picked = toggled(toggled([], wiki, search), shop, search)
  expect(picked.map(({ name }) => name)).toEqual(["search", "shop_search"])
  expect(toggled(picked, wiki, search).map(({ server }) => server)).toEqual(["shop"])
})

test("names that collide or that no client takes cannot be saved", () => {
  const one: Picked = { server_id: "1", server: "wiki", tool: "a", name: "a" }
  const draft = { title: "Desk", description: "", picked: [one, { ...one, tool: "b" }] }
  expect([...collisions(draft.picked)]).toEqual(["a"])
  expect(isReady(draft)).toBe(false)
  expect(isReady({ ...draft, picked: [{ ...one, name: "a b" }] })).toBe(false)
  expect(isReady({ ...draft, picked: [one] })).toBe(true)
  expect(isReady({ ...draft, title: " ", picked: [one] })).toBe(false)
})

test("what is sent holds the real tool and its bare name", () => {
  const draft = { ...draftOf(null), title: " Desk ", picked: toggled([], wiki, search) }
  expect(bodyOf(draft)).toEqual({
    title: "Desk",
    description: "",
    tools: [{ server_id: "1", tool: "search", name: "search" }],
  })
})
