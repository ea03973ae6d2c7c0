import { expect, test } from "vitest"
import { type RecordedFlow, recorded } from "../fixture/build"
import { answered, denied_server, every_flow } from "../fixture/every-kind"
import { access, auth, block, call, complete, done, filter, result, thinking } from "../fixture/steps"
import { type Step, stepsOf } from "../steps"
import { aligned, keyOf } from "./align"
import { compared } from "./differences"
import { jsonDiff } from "./json-diff"
import { differenceInWords, sideNames } from "./sentence"
import { heard, told } from "./told"

const of = ({ checkpoints, row }: RecordedFlow) => stepsOf(checkpoints, row.status)
const door = { name: "x", status: "ok", source: "mcp", sentence: "" } as const
const calls = (...tools: string[]) =>
  of(
    recorded(
      door,
      tools.flatMap((tool, i) => [call(`${i}`, { tool }), result(`${i}`, { tool })]),
    ),
  )
const shape = (a: readonly Step[], b: readonly Step[]) =>
  aligned(a, b).map((pair) => `${pair.a ? keyOf(pair.a).at(-1) : "-"}${pair.b ? keyOf(pair.b).at(-1) : "-"}`)

test("what both have in the same order is paired, the rest stands alone in its place", () => {
  expect(shape(calls("a", "b", "c", "d"), calls("a", "c", "e", "d"))).toEqual(["aa", "b-", "cc", "-e", "dd"])
  expect(shape(calls(), calls("a"))).toEqual(["-a"])
  expect(shape(calls("a", "b"), calls("b", "a"))).toHaveLength(3)
})

test("every flow is the same as itself, and differs from any other, losing no step", () => {
  for (const one of every_flow) {
    expect(compared(of(one), of(one)).every(({ state }) => state === "same")).toBe(true)
    for (const other of every_flow) {
      const pairs = compared(of(one), of(other))
      expect(pairs.flatMap(({ a }) => (a ? [a.seq] : []))).toEqual(of(one).map(({ seq }) => seq))
      expect(pairs.flatMap(({ b }) => (b ? [b.seq] : []))).toEqual(of(other).map(({ seq }) => seq))
      if (one !== other) expect(pairs.some(({ state }) => state !== "same")).toBe(true)
    }
  }
})

test("what a worker tells is what was compared", () => {
  for (const other of every_flow) {
    const [a, b] = [of(answered), of(other)]
    expect(heard(structuredClone(told(compared(a, b))), a, b)).toEqual(compared(a, b))
  }
})

test("the alignment is the longest there is", () => {
  const random = (seed: number, n: number) =>
    Array.from({ length: n }, (_, i) => "abc"[(seed * 7919 + i * i * 31 + i * seed) % 3] ?? "a")
  for (let seed = 1; seed < 30; seed += 1) {
    const [a, b] = [random(seed, 9), random(seed + 77, 8)]
    const pairs = aligned(calls(...a), calls(...b)).filter((pair) => pair.a && pair.b)
    expect(pairs.length).toBe(longest(a, b))
  }
})

function longest([x, ...a]: string[], [y, ...b]: string[]): number {
  if (x === undefined || y === undefined) return 0
  return x === y ? 1 + longest(a, b) : Math.max(longest(a, [y, ...b]), longest([x, ...a], b))
}

test("five thousand steps on either side are aligned", () => {
  const many = (odd: number) => calls(...Array.from({ length: 5_000 }, (_, i) => `t${(i * odd) % 97}`))
  const pairs = aligned(many(1), many(3))
  expect(pairs.length).toBeGreaterThanOrEqual(5_000)
  expect(pairs.filter(({ a }) => a).length).toBe(5_000)
})

test("a difference of JSON names each path", () => {
  expect(jsonDiff({ a: 1, b: [1, { c: 2 }], d: "x" }, { a: 1, b: [1, { c: 3 }, 4] })).toEqual([
    { path: "b[1].c", a: 2, b: 3 },
    { path: "b[2]", a: undefined, b: 4 },
    { path: "d", a: "x", b: undefined },
  ])
  expect(jsonDiff([], {})).toEqual([{ path: "$", a: [], b: {} }])
  expect(jsonDiff({ a: null }, { a: null })).toEqual([])
})

test("arguments, results and accesses that differ make a changed step; ids and times do not", () => {
  const run = (order: number, access_id: string, took_ms: number) =>
    of(
      recorded(door, [
        filter({ access_id }),
        call("c", { arguments: { order } }),
        result("c", { preview: `{"order": ${order}, "state": "sent"}` }, { took_ms }),
      ]),
    )
  const [access_pair, call_pair] = compared(run(1, "a", 5), run(2, "b", 900))
  expect(access_pair).toMatchObject({ state: "changed", accesses: ["a", "b"] })
  expect(call_pair?.changes).toEqual([
    { path: "arguments.order", a: 1, b: 2 },
    { path: "result.order", a: 1, b: 2 },
  ])
  expect(compared(run(1, "a", 5), run(1, "a", 900)).map(({ state }) => state)).toEqual(["same", "same"])
})

const side = (name: string, { row }: RecordedFlow) => ({ name, flow: row })

test("the first line says what came of both and which step made it so", () => {
  const allowed = recorded({ ...door, name: "y" }, [
    auth(),
    block(),
    access({ server: "wiki", allowed: true }),
    call("d", { server: "wiki", tool: "delete_page" }),
    result("d", { server: "wiki", tool: "delete_page" }),
    done("ok"),
  ])
  const words = differenceInWords(
    side("Bob", denied_server),
    side("Eve", allowed),
    compared(of(denied_server), of(allowed)),
  )
  expect(words[0]).toBe("Bob: denied. Eve: done.")
  expect(words[1]).toBe(
    'Server access was denied by rule "contractors read only" for Bob and passed for Eve.',
  )
})

test("where both ended the same, the step that did not is named first", () => {
  const without = recorded({ ...door, name: "z" }, [call("a"), result("a"), done("ok")])
  const failing = recorded(door, [call("a"), result("a", { status: "tool_error" }), done("ok")])
  const words = differenceInWords(
    side("Bob", failing),
    side("Eve", without),
    compared(of(failing), of(without)),
  )
  expect(words[0]).toBe(
    "Both ended the same (done), but shop.find_order failed for Bob and succeeded for Eve.",
  )
})

test("two runs of the same are said to be the same", () => {
  const words = differenceInWords(
    side("The first", answered),
    side("The second", answered),
    compared(of(answered), of(answered)),
  )
  expect(words).toEqual(["Both ended the same (done).", "All 17 steps are the same."])
})

test("sides are called by their people, or by their order", () => {
  const eve = { ...answered.row, user_id: "e", user_name: "Eve" }
  expect(sideNames(answered.row, eve)).toEqual(["Bob Builder", "Eve"])
  expect(sideNames(answered.row, answered.row)).toEqual(["The first", "The second"])
})

test("a model is the same step whether it answered or was cut off", () => {
  const whole = recorded(door, [thinking(1), complete(), done("ok")])
  const cut = recorded(door, [thinking(1), done("ok")])
  const pairs = compared(of(whole), of(cut))
  expect(pairs.map(({ state }) => state)).toEqual(["changed", "same"])
})
