import { expect, test } from "vitest"
import type { Checkpoint, FlowRow, StepData } from "@/api/shapes"
import type { RecordEvent } from "../apply"
import {
  doingOf,
  fresh_panel,
  inTrouble,
  type PanelState,
  remainingOf,
  tokensByMinute,
  waiting,
  withEvents,
} from "./panel-state"

const at = "2026-11-22T10:00:00Z"

function step(seq: number, data: Partial<StepData> & { kind: string }, flow_id = "f1"): RecordEvent {
  const checkpoint = {
    flow_id,
    seq,
    parent_seq: null,
    user_id: "u1",
    source: "chat",
    conversation_id: null,
    at,
    duration_ms: null,
    verdict: "info",
    kind: data.kind,
    data,
  }
  return { type: "checkpoint", ...(checkpoint as Checkpoint) }
}

const flow = (flow_id: string, status: FlowRow["status"]) =>
  ({ type: "flow", flow_id, status, steps: 0 }) as RecordEvent
const call = step(2, { kind: "tool_call", call_id: "c1" })
const result = step(3, { kind: "tool_result", call_id: "c1", status: "ok" })
const done = step(4, { kind: "done", status: "denied" })
const after = (...events: RecordEvent[]): PanelState => withEvents(fresh_panel, events)
const begun = step(1, { kind: "llm_thinking" })
const idle = { state: "idle", sockets: 1 } as const

test("what a person does follows from the steps of what runs, and from presence when nothing does", () => {
  expect(doingOf(after().record, null)).toBe("offline")
  expect(doingOf(after().record, idle)).toBe("idle")
  expect(doingOf(after(begun).record, idle)).toBe("thinking")
  expect(doingOf(after(begun, call).record, idle)).toBe("calling")
  expect(doingOf(after(begun, call, result).record, idle)).toBe("thinking")
  expect(doingOf(after(begun, call, result, done).record, idle)).toBe("idle")
  expect(doingOf(after(begun, call).record, { state: "blocked", sockets: 0 })).toBe("blocked")
})

test("of several flows at once the one that calls is what is said", () => {
  const other = step(1, { kind: "llm_thinking" }, "f2")
  expect(doingOf(after(begun, call, other).record, idle)).toBe("calling")
})

test("a paused panel counts the steps that wait", () => {
  const panel = after(begun)
  const paused = withEvents({ ...panel, frozen: panel.record }, [call, result])
  expect(waiting(paused)).toBe(2)
  expect(waiting({ ...paused, frozen: null })).toBe(0)
})

test("credits left are those of the latest step that tells them", () => {
  const settled = step(2, { kind: "usage_settled", remaining_micros: 7_000 })
  expect(remainingOf(after(begun).record)).toBeNull()
  expect(remainingOf(after(begun, settled).record)).toBe(7_000)
})

test("tokens are summed by minute, the current one last", () => {
  const answer = step(2, { kind: "llm_complete", input_tokens: 100, output_tokens: 20 })
  const { record } = after(begun, answer)
  expect(tokensByMinute(record, Date.parse(at) + 90_000, 3)).toEqual([0, 120, 0])
  expect(tokensByMinute(record, Date.parse(at) + 999_000, 3)).toEqual([0, 0, 0])
})

test("trouble is what came last and went wrong", () => {
  expect(inTrouble(after(begun, call, result, done).record)).toBe(true)
  expect(inTrouble(after(flow("f1", "failed"), flow("f2", "ok")).record)).toBe(false)
})

test("only the newest flows are kept, and whatever still runs", () => {
  const flows = Array.from({ length: 60 }, (_, i) => flow(`f${String(i).padStart(2, "0")}`, "ok"))
  const { record } = after(flow("a-running", "running"), ...flows)
  expect(record.size).toBe(41)
  expect(record.has("a-running")).toBe(true)
  expect(record.has("f19")).toBe(false)
})
