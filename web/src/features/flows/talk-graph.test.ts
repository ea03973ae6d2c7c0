import { expect, test } from "vitest"
import { began_ms, recorded } from "./fixture/build"
import { answered, failed } from "./fixture/every-kind"
import { auth, call, complete, done, result, thinking } from "./fixture/steps"
import { graphOf } from "./graph"
import { stepsOf } from "./steps"
import { firstTurn, stepAt, type TalkTurn, talkGraph } from "./talk-graph"

const none: ReadonlySet<string> = new Set()
const door = { name: "And again?", status: "ok", source: "chat", sentence: "" } as const
const again = recorded(door, [auth(), thinking(1), complete(), call("c"), result("c"), done("ok")], began_ms)

function turn({ row, checkpoints }: typeof again): TalkTurn {
  return { flow: row, steps: stepsOf(checkpoints, row.status) }
}

const turns = [turn(answered), turn(failed), turn(again)]
const id = ({ flow }: TalkTurn) => `turn ${flow.flow_id}`
const titles = (some: readonly TalkTurn[], turned: ReadonlySet<string>) =>
  talkGraph(some, turned).nodes.flatMap(({ title }) => (title ? [title] : []))

test("the turns stand in their order, folded, with what came of them, and each leads on to the next", () => {
  const { nodes, edges } = talkGraph(turns, none)
  expect(titles(turns, none)).toEqual(turns.map(({ flow }, i) => `Turn ${i + 1}: ${flow.title}`))
  expect(nodes.map(({ verdict }) => verdict)).toEqual(["ok", "failed", "ok"])
  expect(nodes.at(-1)?.words).toBe("6 steps, 1 tool call")
  expect(edges).toEqual([
    [0, 1],
    [1, 2],
  ])
})

test("an open turn is the graph of its flow between its neighbours, and every id is the only one", () => {
  const [first, second, third] = turns as [TalkTurn, TalkTurn, TalkTurn]
  const own = graphOf(first.steps ?? [], none)
  const { nodes, edges } = talkGraph(turns, new Set([id(first), id(third)]))
  const part = nodes.slice(0, own.nodes.length)
  expect(part.map(({ step }) => step)).toEqual(own.nodes.map(({ step }) => step))
  expect(part.every(({ within }) => within[0]?.title === "turn 1")).toBe(true)
  expect(edges.slice(0, own.edges.length)).toEqual(own.edges)
  expect(edges).toContainEqual([own.nodes.length - 1, own.nodes.length])
  expect(edges).toContainEqual([own.nodes.length, own.nodes.length + 1])
  expect(new Set(edges.map(([, to]) => to)).size).toBe(nodes.length - 1)
  expect(new Set(nodes.map((node) => node.id)).size).toBe(nodes.length)
  expect(nodes[own.nodes.length]?.id).toBe(id(second))
})

test("a round folds in its own turn alone, and a node tells its turn and step", () => {
  const [first, , third] = turns as [TalkTurn, TalkTurn, TalkTurn]
  const open = new Set([id(first), id(third), `${id(third)}/round 1`])
  expect(titles(turns, open)).toEqual([`Turn 2: ${failed.row.title}`, "Round 1"])
  for (const node of talkGraph(turns, open).nodes) {
    const found = stepAt(turns, node.id)
    expect(found?.step ?? null).toBe(node.step)
    if (found) expect(node.within[0]?.id).toBe(id(found.turn))
  }
})

test("the last turn that did not end well is open at first, else the last; what cannot be read never", () => {
  const [first, second, third] = turns as [TalkTurn, TalkTurn, TalkTurn]
  const running: TalkTurn = { flow: { ...third.flow, flow_id: "r", status: "running" }, steps: null }
  expect(firstTurn([first, second, third, running])).toBe(id(second))
  expect(firstTurn([first, third])).toBe(id(third))
  expect(firstTurn([running])).toBeNull()
})

test("a turn that cannot be read, or still runs, is one plain node, and the graph goes on behind it", () => {
  const [first, second, third] = turns as [TalkTurn, TalkTurn, TalkTurn]
  for (const steps of [null, []]) {
    const shut = { ...second, steps }
    const { nodes, edges } = talkGraph([first, shut, third], new Set([id(shut)]))
    expect(nodes.map(({ shape }) => shape)).toEqual(["turn", "shut", "turn"])
    expect(nodes[1]?.words).toBe("its steps cannot be read")
    expect(edges.length).toBe(2)
  }
  const running: TalkTurn = { flow: { ...third.flow, status: "running", steps: 3 }, steps: null }
  expect(talkGraph([running], none).nodes[0]).toMatchObject({ shape: "shut", words: "3 steps so far" })
})

test("a long question is shortened", () => {
  const [first] = turns as [TalkTurn]
  const long = { ...first, flow: { ...first.flow, title: "Where is\nit? ".repeat(20) } }
  expect(titles([long], none)[0]).toMatch(/^Turn 1: Where is it\? .*\u2026$/)
  expect(titles([long], none)[0]?.length).toBeLessThanOrEqual(88)
})
