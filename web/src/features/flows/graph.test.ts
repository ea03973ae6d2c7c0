import { expect, test } from "vitest"
import { recorded } from "./fixture/build"
import { answered, every_flow } from "./fixture/every-kind"
import { auth, call, complete, done, result, thinking } from "./fixture/steps"
import { graphOf, layoutInput, sizeOf } from "./graph"
import { layered } from "./graph-layout"
import { stepsOf } from "./steps"

const none: ReadonlySet<string> = new Set()

function longFlow(rounds: number, failing?: number) {
  const steps = Array.from({ length: rounds }, (_, i) => [
    thinking(i + 1, { after_ms: 2 }),
    complete(),
    call(`c${i}`),
    result(`c${i}`, i + 1 === failing ? { status: "tool_error" } : {}),
  ]).flat()
  const door = { name: "long", status: "ok", source: "chat", sentence: "" } as const
  return stepsOf(recorded(door, [auth(), ...steps, done("ok")]).checkpoints, "ok")
}

test("every step of every flow is a node, and every node but the first is led to", () => {
  for (const { checkpoints, row } of every_flow) {
    const steps = stepsOf(checkpoints, row.status)
    const { nodes, edges } = graphOf(steps, none)
    expect(nodes.map(({ step }) => step?.seq)).toEqual(steps.map(({ seq }) => seq))
    expect(new Set(edges.map(([, to]) => to)).size).toBe(nodes.length - 1)
  }
})

test("gates are diamonds, models circles, calls boxes; calls that ran at once part and meet again", () => {
  const { nodes, edges } = graphOf(stepsOf(answered.checkpoints, "ok"), none)
  const shapes = (kind: string) => nodes.filter(({ step }) => step?.kind === kind).map(({ shape }) => shape)
  expect(shapes("block_check")).toEqual(["gate"])
  expect(shapes("llm_complete")).toEqual(["model", "model"])
  expect(shapes("tool_call")).toEqual(["tool", "tool", "tool"])
  const approval = nodes.findIndex(({ step }) => step?.kind === "approval")
  expect(edges.filter(([from]) => from === approval).length).toBe(3)
})

test("many rounds are one node, what went wrong in one stays apart, and opening goes down to the steps", () => {
  const steps = longFlow(400, 200)
  const titles = (turned: ReadonlySet<string>) =>
    graphOf(steps, turned).nodes.flatMap(({ title }) => (title ? [title] : []))
  expect(titles(none)).toEqual(["Rounds 1 to 199", "Round 200", "Rounds 201 to 400"])
  const opened = titles(new Set(["rounds 1 to 199"]))
  expect(opened.length).toBe(14)
  expect(opened[0]).toBe("Rounds 1 to 17")
  const whole = graphOf(steps, new Set(["round 200"])).nodes.filter(
    ({ within }) => within[0]?.id === "round 200",
  )
  expect(whole.map(({ shape }) => shape)).toEqual(["model", "tool"])
})

test("a few rounds are open and can be folded", () => {
  const { nodes } = graphOf(longFlow(3), new Set(["round 2"]))
  expect(nodes.flatMap(({ title }) => (title ? [title] : []))).toEqual(["Round 2"])
})

test("the layout goes from left to right, and no two nodes lie on one another", () => {
  for (const { checkpoints, row } of every_flow) {
    const graph = graphOf(stepsOf(checkpoints, row.status), none)
    const { places, width, height } = layered(layoutInput(graph))
    for (const [from, to] of graph.edges) expect(places[to]?.x).toBeGreaterThan(places[from]?.x ?? 0)
    const boxes = graph.nodes.map((node, i) => ({
      ...sizeOf(node),
      x: places[i]?.x ?? 0,
      y: places[i]?.y ?? 0,
    }))
    for (const a of boxes) {
      expect(a.x + a.width).toBeLessThanOrEqual(width)
      expect(a.y + a.height).toBeLessThanOrEqual(height)
      const meets = (b: typeof a) =>
        a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
      expect(boxes.filter((b) => b !== a && meets(b))).toEqual([])
    }
  }
})

test("nothing is laid out as nothing", () => {
  expect(layered({ sizes: [], edges: [] })).toEqual({ places: [], width: 0, height: 0 })
})

test("every node knows when its flow began", () => {
  const steps = stepsOf(answered.checkpoints, "ok")
  const began_ms = Math.min(...steps.map(({ start_ms }) => start_ms))
  const { nodes } = graphOf(steps, none)
  expect(new Set(nodes.map(({ start_ms }) => start_ms))).toEqual(new Set([began_ms]))
})
