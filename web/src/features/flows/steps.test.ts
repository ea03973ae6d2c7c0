import { expect, test } from "vitest"
import type { Checkpoint, StepData } from "@/api/shapes"
import {
  clientOf,
  firstToLookAt,
  isBad,
  opensByItself,
  partsOf,
  passedChecks,
  scaleOf,
  spokesman,
  stepDuration,
  stepsOf,
} from "./steps"

const began_ms = Date.parse("2026-11-22T14:00:00Z")

function checkpoint(
  seq: number,
  data: Partial<StepData> & { kind: StepData["kind"] },
  more: Partial<Checkpoint> = {},
): Checkpoint {
  return {
    flow_id: "f",
    seq,
    parent_seq: null,
    user_id: "u",
    source: "chat",
    conversation_id: null,
    at: new Date(began_ms + seq * 100).toISOString(),
    duration_ms: null,
    verdict: "passed",
    kind: data.kind,
    data: data as StepData,
    ...more,
  }
}

const call = (seq: number, call_id: string, more: Partial<Checkpoint> = {}) =>
  checkpoint(seq, { kind: "tool_call", call_id }, more)
const result = (seq: number, call_id: string, status = "ok", more: Partial<Checkpoint> = {}) =>
  checkpoint(seq, { kind: "tool_result", call_id, status } as StepData, more)

test("a call and its result are one step that takes the result's verdict", () => {
  const [step, ...rest] = stepsOf([call(1, "a"), result(2, "a", "tool_error", { duration_ms: 84 })], "ok")
  expect(rest).toEqual([])
  expect(step).toMatchObject({ seq: 1, kind: "tool_call", verdict: "failed" })
  expect(step && stepDuration(step)).toBe(84)
})

test("parallel calls each find their own result", () => {
  const steps = stepsOf([call(1, "a"), call(2, "b"), result(3, "b"), result(4, "a", "timeout")], "ok")
  expect(steps.map(({ seq, second, verdict }) => [seq, second?.seq, verdict])).toEqual([
    [1, 4, "failed"],
    [2, 3, "ok"],
  ])
})

test("a call id used again belongs to the call that is open", () => {
  const steps = stepsOf([call(1, "a"), result(2, "a"), call(3, "a"), result(4, "a")], "ok")
  expect(steps.map(({ second }) => second?.seq)).toEqual([2, 4])
})

test("a call without a result runs while the flow does and is unknown afterwards", () => {
  expect(stepsOf([call(1, "a")], "running")[0]?.verdict).toBe("running")
  expect(stepsOf([call(1, "a")], "failed")[0]?.verdict).toBe("unknown")
})

test("a model that was cut off by a block was stopped, a call in flight stays unknown", () => {
  const asked = checkpoint(1, { kind: "llm_thinking" }, { verdict: "info" })
  expect(stepsOf([asked, call(2, "a")], "blocked").map(({ verdict }) => verdict)).toEqual([
    "cancelled",
    "unknown",
  ])
})

test("a denied call waits for nothing", () => {
  expect(stepsOf([call(1, "a", { verdict: "denied" })], "ok")[0]?.verdict).toBe("denied")
})

test("a model and its answer are one step", () => {
  const steps = stepsOf(
    [
      checkpoint(1, { kind: "llm_thinking" }, { verdict: "info" }),
      checkpoint(2, { kind: "llm_complete" }, { verdict: "info", duration_ms: 900 }),
      checkpoint(3, { kind: "llm_thinking" }, { verdict: "info" }),
    ],
    "running",
  )
  expect(steps.map(({ kind, verdict }) => [kind, verdict])).toEqual([
    ["llm_complete", "ok"],
    ["llm_thinking", "running"],
  ])
})

test("checks that passed at the start fold, later ones and others do not", () => {
  const checks = [
    checkpoint(1, { kind: "auth_check" }),
    checkpoint(2, { kind: "block_check" }),
    checkpoint(3, { kind: "llm_thinking" }, { verdict: "info" }),
    checkpoint(4, { kind: "usage_check" }),
  ]
  expect(passedChecks(stepsOf(checks, "ok"))).toBe(2)
})

test("a denied check ends the fold and opens by itself", () => {
  const steps = stepsOf(
    [
      checkpoint(1, { kind: "auth_check" }),
      checkpoint(2, { kind: "mcp_access_check" }),
      checkpoint(3, { kind: "block_check" }, { verdict: "denied" }),
    ],
    "denied",
  )
  expect(passedChecks(steps)).toBe(2)
  expect(firstToLookAt(steps)?.seq).toBe(3)
  expect(steps.map(opensByItself)).toEqual([false, false, true])
})

test("a single passed check is not worth a fold", () => {
  expect(passedChecks(stepsOf([checkpoint(1, { kind: "auth_check" })], "ok"))).toBe(0)
})

test("the scale spans from the first start to the last end", () => {
  const steps = stepsOf(
    [checkpoint(1, { kind: "auth_check" }, { duration_ms: 50 }), call(2, "a"), result(9, "a")],
    "ok",
  )
  expect(scaleOf(steps)).toEqual({ start_ms: began_ms + 50, total_ms: 850 })
  expect(scaleOf([]).total_ms).toBe(1)
})

test("a long flow is cut into runs, each spoken for by what went wrong in it", () => {
  const steps = stepsOf(
    Array.from({ length: 10 }, (_, i) =>
      checkpoint(i + 1, { kind: "block_check" }, i === 5 ? { verdict: "denied" } : {}),
    ),
    "denied",
  )
  const parts = partsOf(steps, 4)
  expect(parts.map((part) => part.length)).toEqual([3, 3, 3, 1])
  expect(parts.map((part) => spokesman(part).seq)).toEqual([1, 6, 7, 10])
  expect(partsOf([], 4)).toEqual([])
})

test("a flow of a program tells which program asked, one of a browser does not", () => {
  const client = "cursor-vscode 1.7.2 (2025-11-25)"
  const signed = (method: string) => [checkpoint(1, { kind: "auth_check", method, client } as StepData)]
  expect(clientOf(signed("token"))).toBe(client)
  expect(clientOf(signed("session"))).toBeNull()
  expect(clientOf(undefined)).toBeNull()
})

test("the end is a moment, however long the flow took", () => {
  const ended = checkpoint(1, { kind: "done", status: "ok" } as StepData, { duration_ms: 36_000_000 })
  const [step] = stepsOf([ended], "ok")
  expect(step?.start_ms).toBe(step?.end_ms)
})

test("a call that recovery found open has no known length", () => {
  const found = result(2, "a", "unknown", { at: new Date(began_ms + 36_000_000).toISOString() })
  const [step] = stepsOf([call(1, "a"), found], "unknown")
  expect(step?.verdict).toBe("unknown")
  expect(step?.end_ms).toBe(step?.start_ms)
  expect(step && stepDuration(step)).toBeNull()
})

test("what a person stopped did not fail, and what is unknown is not bad", () => {
  const stopped = checkpoint(1, { kind: "error", code: "cancelled" }, { verdict: "info" })
  const other = checkpoint(2, { kind: "error", code: "odd" }, { verdict: "info" })
  expect(stepsOf([stopped, other], "cancelled").map(({ verdict }) => verdict)).toEqual([
    "cancelled",
    "failed",
  ])
  expect(
    (["denied", "blocked", "failed", "unknown", "warned"] as const).map((verdict) => isBad({ verdict })),
  ).toEqual([true, true, true, false, false])
})
