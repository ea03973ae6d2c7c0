import { expect, test } from "vitest"
import { failureOf, offerWords } from "./probe-words"

const tools = (n: number) => Array.from({ length: n }, () => ({})) as never

test("what a server offers is said in one breath", () => {
  expect(offerWords({ tools: tools(6), prompt_count: 2, resource_count: 1 })).toBe(
    "6 tools, 2 prompts and 1 resource",
  )
  expect(offerWords({ tools: tools(1), prompt_count: 0, resource_count: 3 })).toBe("1 tool and 3 resources")
  expect(offerWords({ tools: tools(0), prompt_count: 0, resource_count: 0 })).toBe("0 tools")
})

test("what went wrong is named for what it is, with the way out", () => {
  const refused = failureOf({ code: "url_refused", detail: "x is at 10.0.0.1, a private address, which" })
  expect(refused.next).toContain("our own network")
  expect(failureOf({ code: "url_refused", detail: "a cloud metadata address" }).next).toBeNull()
  expect(failureOf({ code: "server_auth_failed", detail: null }).title).toBe("It asks for credentials")
  expect(failureOf({ code: "server_timeout", detail: null }).title).toBe("It did not answer")
})
