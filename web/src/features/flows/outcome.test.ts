import { expect, test } from "vitest"
import { recorded } from "./fixture/build"
import { access, auth, block, blocked, call, credits, done } from "./fixture/steps"
import { outcomeWords, refusalIn } from "./outcome"

const door = { name: "x", status: "denied", source: "mcp", sentence: "" } as const
const told = (sentence: string, own = false) =>
  outcomeWords({ ...recorded(door, [done("denied")]).row, user_name: "Bob Builder", sentence }, own)

test("a refusal names the person to others, and speaks to the person themself", () => {
  const words =
    "Denied: You may not use wiki.drop: role member denies wiki.d*. Ask an administrator for access."
  expect(told(words)).toBe("Bob Builder may not use wiki.drop: role member denies wiki.d*.")
  expect(told(words, true)).toBe(
    "You may not use wiki.drop: role member denies wiki.d*. Ask an administrator for access.",
  )
  expect(told("Failed: the server is away.")).toBe("The server is away.")
  expect(told("shop.find_order answered.")).toBe("shop.find_order answered.")
})

test("where it would be decided otherwise follows from the step that refused", () => {
  const of = (...steps: Parameters<typeof recorded>[1]) => refusalIn(recorded(door, steps).checkpoints)
  const no = { verdict: "denied" } as const
  expect(of(auth(), access({}, no))).toBe("access")
  expect(of(auth(), call("c", {}, no), done("ok"))).toBe("access")
  expect(of(credits({}, no))).toBe("budget")
  expect(of(block({}, no))).toBe("blocks")
  expect(of(call("c"), blocked())).toBe("blocks")
  expect(of(auth(), done("ok"))).toBeNull()
  expect(refusalIn(undefined)).toBeNull()
})
