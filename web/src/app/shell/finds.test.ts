import { expect, test } from "vitest"
import type { AccessOfPerson } from "@/api/types"
import { finds, looksLikeId } from "./finds"

const tool = (name: string, title: string | null) => ({ name, title, allowed: true, rule: "all", reason: "" })
const servers: AccessOfPerson["servers"] = [
  {
    server_id: "1",
    slug: "shop",
    title: "Demo shop",
    state: "connected",
    allowed: true,
    rule: "all",
    reason: "",
    tools: [tool("find_order", "Find an order"), tool("low_stock", null)],
  },
  {
    server_id: "2",
    slug: "time",
    title: "Clock",
    state: "down",
    allowed: false,
    rule: "none",
    reason: "",
    tools: [tool("get_current_time", null)],
  },
]

test("a server is found by its title or its slug, a tool by its name or its title", () => {
  expect(finds(servers, "clo").servers.map((server) => server.slug)).toEqual(["time"])
  expect(finds(servers, "shop").servers).toHaveLength(1)
  expect(finds(servers, "shop.find").tools.map(({ tool: found }) => found.name)).toEqual(["find_order"])
  expect(finds(servers, "order find").tools).toHaveLength(1)
  expect(finds(servers, "shop").tools).toHaveLength(2)
})

test("a letter alone finds nothing yet", () => {
  expect(finds(servers, "s")).toEqual({ servers: [], tools: [] })
})

test("the beginning of an id is told from a word", () => {
  expect(looksLikeId("019aa3f0-1234")).toBe(true)
  expect(looksLikeId("019aa3f0-1234-7abc-8def-0123456789ab")).toBe(true)
  expect(looksLikeId("decade")).toBe(false)
  expect(looksLikeId("order 1042")).toBe(false)
  expect(looksLikeId("1042")).toBe(false)
})
