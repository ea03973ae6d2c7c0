import { expect, test } from "vitest"
import type { StepData } from "@/api/shapes"
import { auth, call as calling } from "./fixture/steps"
import { callWords, summary } from "./summary"

const credits = (micros: number) => (micros / 1000).toFixed(1)
const say = (data: StepData) => summary(data, credits)
const call = calling("c").data as Extract<StepData, { kind: "tool_call" }>
const budget = {
  name: "daily credits",
  limit_micros: 500_000,
  used_micros: 76_400,
  reserved_micros: 12_000,
  remaining_micros: 411_600,
  resets_at: "2026-11-23T00:00:00Z",
}

test("a refusal for want of a price is not shown as a cost of nothing", () => {
  const data = {
    kind: "usage_check",
    budgets: [budget],
    requested_micros: 0,
    reserved_micros: 0,
    denied_by: "no price",
    unpriced: true,
  } as const
  expect(say({ ...data, budgets: [budget] })).toBe(
    "This model has no price, so what it costs cannot be counted",
  )
})

test("the budget that denied is the one that is told, under its own name", () => {
  const month = {
    ...budget,
    name: "the month of Support",
    remaining_micros: 900_000,
    limit_micros: 9_000_000,
  }
  const data = {
    kind: "usage_check",
    budgets: [budget, month],
    requested_micros: 1_000_000,
    reserved_micros: 0,
    denied_by: month.name,
    unpriced: false,
  } as StepData
  expect(say(data)).toBe("1000.0 credits needed, 900.0 credits left of 9000.0 in the month of Support")
})

test("what a check decided is in its line where its data alone do not tell", () => {
  const signed = auth({ method: "token", token_name: "laptop" }).data
  expect(summary(signed, credits, "denied")).toBe('Not let in with token "laptop"')
  const looked = { kind: "security_check", detector: "tool_poisoning", score: 0, action: "allowed" } as const
  expect(summary(looked, credits, "unknown")).toBe("Tool poisoning: could not be checked")
  expect(say({ ...looked, score: 0.97, action: "denied" })).toBe("Tool poisoning: found (0.97)")
})

test("no code of the protocol is left in what a server asked back", () => {
  const asked = {
    kind: "upstream_request",
    server: "desk",
    method: "elicitation",
    outcome: "decline",
  } as const
  expect(say(asked)).toBe("desk asked for input (elicitation): declined")
  expect(say({ ...asked, method: "roots", outcome: "upstream_timeout" })).toBe(
    "desk asked for the client's folders (roots): upstream timeout",
  )
  expect(say({ ...asked, method: "constructor" })).toBe("desk asked for constructor: declined")
})

test("a text that turns its direction is shown by its codes", () => {
  const data = { kind: "error", code: "x", detail: "\u202egnp.exe\u202c", step: null } as const
  expect(say(data)).toBe("\\u202egnp.exe\\u202c")
  expect(callWords({ ...call, tool: "a\u2066b" })).toContain("a\\u2066b")
})
