import { expect, test } from "vitest"
import type { StepData, StepKind } from "@/api/shapes"
import { kindOf } from "./kinds"
import { argumentWords, callWords, summary, toolResult } from "./summary"

const credits = (micros: number) => (micros / 1000).toFixed(1)
const say = (data: StepData) => summary(data, credits)
const resets_at = "2026-11-23T00:00:00Z"

const budget = {
  name: "daily",
  limit_micros: 500_000,
  used_micros: 76_400,
  reserved_micros: 12_000,
  remaining_micros: 411_600,
  resets_at,
}
const call = {
  kind: "tool_call",
  target: "tool",
  server: "shop",
  tool: "find_order",
  call_id: "c1",
  arguments: { order_id: 1042 },
  iteration: 1,
  rule: null,
  detail: null,
} as const
const result = {
  kind: "tool_result",
  target: "tool",
  server: "shop",
  tool: "find_order",
  call_id: "c1",
  status: "ok",
  size_bytes: 1200,
  preview: "{}",
} as const
const complete = {
  kind: "llm_complete",
  model: "gpt-x",
  input_tokens: 1204,
  output_tokens: 311,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  reasoning_tokens: 0,
  estimated: false,
  cost_micros: 2100,
  price_version: "list",
  finish_reason: "stop",
  first_token_ms: 410,
  detail: null,
} as const

const lines: Record<StepKind, [StepData, string]> = {
  auth_check: [
    {
      kind: "auth_check",
      method: "token",
      token_name: "laptop",
      client: null,
      address: null,
      traceparent: null,
    },
    'Signed in with token "laptop"',
  ],
  block_check: [
    { kind: "block_check", scope: "chat", epoch: 1, message: null, since: null, by: null },
    "Not blocked",
  ],
  usage_check: [
    {
      kind: "usage_check",
      budgets: [budget],
      requested_micros: 12_000,
      reserved_micros: 12_000,
      denied_by: null,
      unpriced: false,
    },
    "411.6 credits left of 500.0 today; 12.0 reserved",
  ],
  mcp_access_check: [
    {
      kind: "mcp_access_check",
      access_id: "a",
      servers_allowed: 3,
      servers_total: 5,
      server: null,
      allowed: null,
      rule: null,
    },
    "3 of 5 servers",
  ],
  tool_filter: [
    { kind: "tool_filter", access_id: "a", offered: 14, removed: 8, rules: ["x", "y"] },
    "14 of 22 tools offered; 8 removed by 2 rules",
  ],
  security_check: [
    { kind: "security_check", detector: "injection", score: 0.04, action: "allowed" },
    "Injection: not found (0.04)",
  ],
  llm_thinking: [
    {
      kind: "llm_thinking",
      provider: "openai",
      model: "gpt-x",
      iteration: 1,
      messages: 1,
      tools_offered: 14,
    },
    "gpt-x reads 1 message with 14 tools",
  ],
  llm_complete: [complete, "gpt-x, 1,204 in, 311 out, 2.1 credits (0.0021 USD), first token 410 ms"],
  tool_call: [call, "shop.find_order(order_id: 1042)"],
  tool_result: [result, "shop.find_order \u2192 ok, 1.2 kB"],
  usage_settled: [
    {
      kind: "usage_settled",
      reserved_micros: 12_000,
      charged_micros: 2100,
      refunded_micros: 9900,
      remaining_micros: null,
      input_tokens: 1,
      output_tokens: 1,
    },
    "2.1 credits charged, 9.9 returned",
  ],
  approval: [
    {
      kind: "approval",
      approval_id: "p",
      arguments_sha256: "0",
      decided_by: "boss@example.org",
      decision: "allowed",
      scope: "once",
      expires_at: null,
    },
    "Allowed by boss@example.org for this call",
  ],
  upstream_request: [
    { kind: "upstream_request", server: "wiki", method: "sampling", outcome: "answered" },
    "wiki asked for an answer of the model (sampling): answered",
  ],
  blocked: [
    { kind: "blocked", by: "boss@example.org", message: "See me.", cancelled: "1 turn" },
    'Blocked by boss@example.org: "See me."',
  ],
  error: [
    { kind: "error", code: "model_failed", detail: "The model broke off.", step: null },
    "The model broke off.",
  ],
  done: [
    {
      kind: "done",
      status: "ok",
      duration_ms: 2400,
      input_tokens: 1,
      output_tokens: 1,
      cost_micros: 2100,
      tool_calls: 3,
    },
    "2.4 s, 3 tool calls, 2.1 credits",
  ],
}

test.each(Object.entries(lines))("%s has its line, its name and its icon", (kind, [data, line]) => {
  expect(say(data)).toBe(line)
  expect(kindOf(kind).title).not.toBe(kind)
})

test("a denied call names the rule that denied it", () => {
  expect(say({ ...call, rule: "no-orders", detail: "You may not" })).toBe(
    'shop.find_order(order_id: 1042) denied by rule "no-orders"',
  )
})

test("a call that could not be made says why", () => {
  expect(say({ ...call, detail: "The arguments could not be read" })).toContain(": The arguments could not")
})

test("a standing block shows who and the words", () => {
  const data = {
    kind: "block_check",
    scope: "chat",
    epoch: 2,
    message: "See me.",
    since: null,
    by: "boss",
  } as const
  expect(say(data)).toBe('Blocked by boss: "See me."')
})

test("credits that do not suffice say how much was needed and by which budget", () => {
  const data = {
    kind: "usage_check",
    budgets: [{ ...budget, remaining_micros: 3100 }],
    requested_micros: 12_000,
    reserved_micros: 0,
    denied_by: "daily",
    unpriced: false,
  } as const
  expect(say({ ...data, budgets: [...data.budgets] })).toBe(
    "12.0 credits needed, 3.1 credits left of 500.0 today",
  )
})

test("an unpriced answer is never shown as free", () => {
  expect(say({ ...complete, cost_micros: null, first_token_ms: null })).toBe(
    "gpt-x, 1,204 in, 311 out, unpriced",
  )
})

test("a result of unknown outcome says so", () => {
  expect(toolResult({ ...result, status: "unknown", size_bytes: 0 })).toBe("unknown outcome")
  expect(toolResult({ ...result, status: "tool_error", size_bytes: 12 })).toBe("tool error, 12 B")
})

test("a kind of a newer version still has a line", () => {
  const data = { kind: "brand_new" } as unknown as StepData
  expect(say(data)).toContain("brand_new")
  expect(kindOf("brand_new").title).toBe("Brand new")
})

test("arguments are shortened and structures folded", () => {
  expect(argumentWords({ a: [1, 2], b: { c: 1 }, d: "x", e: null })).toBe(
    'a: [2], b: {\u2026}, d: "x", e: null',
  )
  expect(argumentWords({ text: "y".repeat(400) })).toHaveLength(121)
  expect(argumentWords("[hidden]")).toBe('"[hidden]"')
  expect(callWords({ ...call, arguments: {} })).toBe("shop.find_order()")
})

test("what was called is named for what it is", () => {
  const prompt = { ...call, target: "prompt", server: "desk", tool: "triage" } as const
  expect(say(prompt)).toBe("prompt desk.triage(order_id: 1042)")
  const queue = { ...result, target: "resource", server: "desk", tool: "desk://queue" } as const
  expect(say(queue)).toMatch(/^resource desk:\/\/queue at desk \u2192 ok/)
})
