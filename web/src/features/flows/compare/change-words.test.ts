import { expect, test } from "vitest"
import { type RecordedFlow, recorded } from "../fixture/build"
import { answered, denied_credits, every_flow } from "../fixture/every-kind"
import { auth, blocked, call, complete, done, result, thinking } from "../fixture/steps"
import { stepsOf } from "../steps"
import { isJson, labelOf, valueWords } from "./change-words"
import { compared } from "./differences"
import { differenceInWords } from "./sentence"

const of = ({ checkpoints, row }: RecordedFlow) => stepsOf(checkpoints, row.status)
const said = (a: RecordedFlow, b: RecordedFlow) =>
  differenceInWords({ name: "Ada", flow: a.row }, { name: "Bea", flow: b.row }, compared(of(a), of(b)))
const mcp = { name: "w", status: "ok", source: "mcp", sentence: "" } as const

const differing = every_flow
  .flatMap((one) => every_flow.flatMap((other) => compared(of(one), of(other))))
  .flatMap(({ a, b, changes }) => changes.map((change) => ({ ...change, kind: (a ?? b)?.kind ?? "" })))
  .filter(({ path }) => !isJson(path))

test("no fact that differs is told by its key", () => {
  for (const { kind, path } of differing) expect(labelOf(kind, path)).not.toMatch(/_|^[a-z$]/)
})

test("no fact that differs is told by its code", () => {
  const in_words = differing.filter(({ path }) => path !== "detail" && path !== "code")
  const values = in_words.flatMap(({ kind, path, a, b }) =>
    [a, b].flatMap((value) => (value === undefined ? [] : [valueWords(kind, path, value)])),
  )
  expect(values.length).toBeGreaterThan(20)
  for (const words of values) expect(words).not.toMatch(/[a-z]_[a-z]|null|true|false/)
})

test("an outcome, a door and a rule have words of their own kind", () => {
  expect(valueWords("done", "status", "cancelled")).toBe("stopped")
  expect(valueWords("tool_call", "status", "upstream_error")).toBe("server failed")
  expect(valueWords("block_check", "scope", "mcp")).toBe("MCP")
  expect(valueWords("approval", "scope", "once")).toBe("for this call")
  expect(labelOf("approval", "scope")).toBe("Holds")
  expect(labelOf("tool_filter", 'rules."no deletes"')).toBe('Rule "no deletes"')
  expect(labelOf("tool_call", "arguments.order_id")).toBe("arguments.order_id")
  expect(valueWords("usage_check", "denied_by", null)).toBe("none")
})

test("the step that never ended on one side is not spread out as what the other has there", () => {
  const whole = recorded(mcp, [call("a"), result("a"), done("ok")])
  const cut = recorded({ ...mcp, status: "unknown" }, [call("a"), done("unknown")])
  const [pair] = compared(of(whole), of(cut))
  expect(pair).toMatchObject({ state: "changed", verdict: true, changes: [] })
})

test("another model is told once, though both the question and the answer name it", () => {
  const by = (model: string) => recorded(mcp, [thinking(1), complete({ model }), done("ok")])
  const [one, other] = [by("a"), by("b")]
  for (const { data } of other.checkpoints) if (data.kind === "llm_thinking") data.model = "b"
  const [pair] = compared(of(one), of(other))
  expect(pair?.changes.map(({ path }) => path)).toEqual(["model"])
})

test("whose span a call belongs to says nothing about the step", () => {
  const traced = (traceparent: string) => recorded(mcp, [auth({ traceparent }), done("ok")])
  expect(compared(of(traced("00-1")), of(traced("00-2"))).map(({ state }) => state)).toEqual(["same", "same"])
})

test("what failed for the one who was answered does not explain why the other was blocked", () => {
  const door = { ...mcp, status: "blocked" } as const
  const failing = recorded(mcp, [auth(), call("a"), result("a", { status: "timeout" }), done("ok")])
  const cut_short = recorded(door, [auth(), blocked(), done("blocked")])
  expect(said(failing, cut_short)[1]).toBe("A block came for Bea alone.")
})

test("a sentence names the check of credits as one, and a tool as it is written", () => {
  expect(said(answered, denied_credits)[1]).toMatch(/^The check of credits was denied for Bea and passed/)
  const failing = recorded({ ...mcp, status: "failed" }, [
    call("a"),
    result("a", { status: "timeout" }),
    done("failed"),
  ])
  const well = recorded(mcp, [call("a"), result("a"), done("ok")])
  expect(said(failing, well)[1]).toBe("shop.find_order failed for Ada and succeeded for Bea.")
})
