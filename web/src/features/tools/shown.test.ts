import { expect, test } from "vitest"
import type { ServerSignIn } from "@/api/sign-ins"
import type { Offered, OffersOfKind } from "./queries"
import { offeredWords, type Server, shown } from "./shown"

const tool = (name: string, allowed = true) => ({ name, title: null, allowed, rule: "", reason: "" })
const server = (slug: string, more: Partial<Server> = {}): Server => ({
  server_id: slug,
  slug,
  title: slug.toUpperCase(),
  state: "connected",
  allowed: true,
  rule: "",
  reason: "",
  tools: [],
  ...more,
})
const offers = (kind: Offered["kind"], total: number): OffersOfKind => ({ kind, total, first: [] })
const shop = server("shop", { tools: [tool("find_order"), tool("burn", false)] })
const wiki = server("wiki")
const found = { servers: [{ server_id: "wiki", slug: "wiki", kinds: [offers("prompt", 2)] }] }
const slugs = (q: string, known: Partial<Parameters<typeof shown>[0]> = {}) =>
  shown(
    { servers: [shop, wiki, server("barn", { allowed: false })], offers: found, signIns: [], ...known },
    q,
  ).map((row) => row.server.slug)

test("a server is shown for a tool or for anything else that matches, and never one that is not allowed", () => {
  expect(slugs("")).toEqual(["shop", "wiki"])
  expect(slugs("visit")).toEqual(["wiki"])
  expect(slugs("SHOP order", { offers: undefined })).toEqual(["shop"])
  expect(slugs("burn", { offers: undefined })).toEqual([])
  const waits = { server_id: "wiki", state: "needed", may_connect: true } as ServerSignIn
  expect(slugs("", { signIns: [waits] })).toEqual(["wiki", "shop"])
})

test("what a server offers is counted in words", () => {
  expect(offeredWords(shop, [])).toBe("1 tool, 1 more not allowed")
  expect(offeredWords(wiki, [])).toBe("0 tools")
  const all = [offers("prompt", 1), offers("resource", 2_140), offers("template", 1)]
  expect(offeredWords(wiki, all)).toBe("1 prompt, 2,140 resources, 1 resource template")
})
