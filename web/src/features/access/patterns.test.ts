import { expect, test } from "vitest"
import { grantSentence, patternsOf } from "./patterns"

const grant = { subject: "role", role: "member", user_email: null, server: "shop", deny: [] } as const
const say = (allow: string[], deny: string[] = []) => grantSentence({ ...grant, allow, deny })

test("patterns are words, parted by spaces, commas or lines, each once", () => {
  expect(patternsOf(" get_*, list_*\nget_* ")).toEqual(["get_*", "list_*"])
  expect(patternsOf("  ")).toEqual([])
})

test("a grant says in words what it allows and denies", () => {
  expect(say(["*"])).toBe("Role member may use all tools of shop.")
  expect(say(["get_*", "list_*"], ["get_secret"])).toBe(
    "Role member may use get_* and list_* of shop, but never get_secret.",
  )
  expect(say([], ["delete_*"])).toBe("Role member may not use delete_* of shop.")
  expect(say([])).toBe("Role member gets nothing from this grant.")
})

test("a grant for every server and one person names both", () => {
  const one = { ...grant, subject: "user", user_email: "bob@example.org", server: "*" } as const
  expect(grantSentence({ ...one, allow: ["*"], deny: [] })).toBe(
    "bob@example.org may use all tools of every server.",
  )
})
