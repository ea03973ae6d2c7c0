import { expect, test } from "vitest"
import type { StepKind } from "@/api/shapes"
import { linesOf } from "@/ui/json-lines"
import type { Json } from "@/ui/json-model"
import { StepCards } from "./cards"
import { compared } from "./compare/differences"
import { PairRow } from "./compare/pair-row"
import { StepFacts } from "./facts"
import { recorded } from "./fixture/build"
import { every_flow } from "./fixture/every-kind"
import { markup } from "./fixture/page"
import { question } from "./fixture/steps"
import { graphOf, layoutInput } from "./graph"
import { GraphCanvas } from "./graph-canvas"
import { layered } from "./graph-layout"
import { all_kinds } from "./kinds"
import { Legend } from "./legend"
import { PanelFlows } from "./live/panel-flows"
import { Inspector } from "./player/inspector"
import { nameOf } from "./step-name"
import { stepsOf } from "./steps"
import { Strip } from "./strip"
import { firstTurn, talkGraph } from "./talk-graph"
import { Timeline } from "./timeline-view"

const flows = every_flow.map((flow) => ({ ...flow, steps: stepsOf(flow.checkpoints, flow.row.status) }))
const broken = /undefined|NaN|\[object Object\]|Infinity/

test("the flows hold every kind, every verdict, every outcome and every door", () => {
  const checkpoints = flows.flatMap((flow) => flow.checkpoints)
  const kinds = new Set(checkpoints.map(({ kind }) => kind))
  expect(all_kinds.filter((kind: StepKind) => !kinds.has(kind))).toEqual([])
  expect(kinds.size).toBe(all_kinds.length + 1)
  expect(new Set(checkpoints.map(({ verdict }) => verdict)).size).toBe(6)
  expect(new Set(flows.map(({ row }) => row.status)).size).toBe(7)
  expect(new Set(flows.map(({ row }) => row.source)).size).toBe(3)
})

test("the graph of a conversation shows turns that are open, folded and shut, and nothing broken", () => {
  const turns = flows.map(({ row, steps }, i) => ({ flow: row, steps: i === 0 ? null : steps }))
  const graph = talkGraph(turns, new Set([firstTurn(turns) ?? ""]))
  const shown = markup(
    <GraphCanvas
      graph={graph}
      layout={layered(layoutInput(graph))}
      scale={0.2}
      selected={null}
      reached={null}
      onSelect={() => {}}
      onTurn={() => {}}
    />,
  )
  expect(shown).not.toMatch(broken)
  expect(shown).toContain("its steps cannot be read")
  expect(shown).toContain("Open </span>Turn 2: ")
  expect(shown).toContain('aria-label="Fold turn ')
})

for (const { name, row, steps, checkpoints } of flows) {
  test(`cards show every step of "${name}", and nothing broken`, () => {
    const shown = markup(<StepCards steps={steps} selected={null} />)
    expect(shown).not.toMatch(broken)
    const folded = steps.filter((step) => !shown.includes(`id="step-${step.seq}"`))
    expect(folded.every(({ verdict }) => verdict === "passed")).toBe(true)
  })

  test(`the facts of "${name}" are words`, () => {
    for (const step of steps) expect(markup(<StepFacts step={step} />)).not.toMatch(broken)
  })

  test(`the timeline shows every step of "${name}"`, () => {
    const shown = markup(<Timeline steps={steps} selected={steps[0]?.seq ?? null} onSelect={() => {}} />)
    expect(shown).not.toMatch(broken)
    for (const step of steps) expect(shown).toContain(`data-seq="${step.seq}"`)
  })

  test(`the graph shows every step of "${name}"`, () => {
    const graph = graphOf(steps, new Set())
    const shown = markup(
      <GraphCanvas
        graph={graph}
        layout={layered(layoutInput(graph))}
        scale={1}
        selected={null}
        reached={null}
        onSelect={() => {}}
        onTurn={() => {}}
      />,
    )
    expect(shown).not.toMatch(broken)
    for (const step of steps) expect(shown).toContain(`data-seq="${step.seq}"`)
  })

  test(`comparing and playing show "${name}", and nothing broken`, () => {
    const [answered] = flows
    const pairs = compared(steps, answered?.steps ?? [])
    const names: [string, string] = ["Bob", "Eve"]
    const sides = pairs.map((pair) => <PairRow key={pair.key} pair={pair} names={names} onOpen={() => {}} />)
    const shown = markup(sides)
    expect(shown).not.toMatch(broken)
    for (const step of steps) expect(shown).toContain(nameOf(step).replace("'", "&#x27;"))
    for (let n = 0; n <= checkpoints.length; n += 1)
      expect(markup(<Inspector checkpoints={checkpoints.slice(0, n)} />)).not.toMatch(broken)
  })

  test(`a live panel shows every step of "${name}", and the newest alone when very much comes`, () => {
    const record = new Map([["f", { flow_id: "f", flow: row, checkpoints, ahead: [] }]])
    const [whole, brief] = [false, true].map((brief) =>
      markup(<PanelFlows record={record} brief={brief} />),
    ) as [string, string]
    expect(whole + brief).not.toMatch(broken)
    const folded = steps.filter((step) => !whole.includes(`id="step-${step.seq}"`))
    expect(folded.every(({ verdict }) => verdict === "passed")).toBe(true)
    expect(brief).toContain(`id="step-${steps.at(-1)?.seq}"`)
    expect(brief.split("<article").length).toBeLessThanOrEqual(7)
  })

  test(`JSON has every checkpoint of "${name}"`, () => {
    const lines = linesOf({ checkpoints } as unknown as Json, () => true)
    const kinds = lines.filter(({ key, depth }) => key === "kind" && depth === 2).map(({ value }) => value)
    expect(kinds).toEqual(checkpoints.map(({ kind }) => kind))
  })

  test(`strip and legend name every kind of "${name}"`, () => {
    const shown = markup(
      <>
        <Strip steps={steps} selected={null} onSelect={() => {}} />
        <Legend steps={steps} />
      </>,
    )
    expect(shown).not.toMatch(broken)
    for (const step of steps) expect(shown).toContain(`aria-label="${step.seq}. `)
  })
}

test("a call and its result stand on one card, and so do a model and its answer", () => {
  const [answered] = flows
  const names = answered?.steps.map(nameOf) ?? []
  expect(names.filter((name) => name === "shop.find_order").length).toBe(1)
  expect(names.filter((name) => name === "Model").length).toBe(2)
})

const factsOf = (kind: string, name: string) => {
  const step = flows.find((flow) => flow.name === name)?.steps.find((one) => one.kind === kind)
  return step ? markup(<StepFacts step={step} />) : ""
}

test("a call that was stopped shows no empty result, and nothing in red", () => {
  const shown = factsOf("tool_call", "Stop this")
  expect(shown).toContain("Stopped")
  expect(shown).not.toMatch(/text-bad|0 B|Empty/)
})

test("facts are words: no door, step or decision by its code", () => {
  expect(factsOf("block_check", "Hello?")).toMatch(/Door<\/dt><dd[^>]*>Chat</)
  expect(factsOf("error", "One more question")).toMatch(/In step<\/dt><dd[^>]*>Credits</)
  expect(factsOf("approval", "Where is order 1042?")).toContain("for this call")
})

test("what a kind of a newer version holds is shown, not where to look for it", () => {
  expect(factsOf("hologram", "Still going")).toContain("depth")
})

test("the end of a timeline, a moment at its very edge, is drawn within it", () => {
  const { steps } = flows[0] as (typeof flows)[number]
  const shown = markup(<Timeline steps={steps} selected={null} onSelect={() => {}} />)
  expect(shown).toContain("left:min(100%, 100% - 3px)")
})

test("a fact that turns its direction is shown by its codes", () => {
  const asked = recorded({ name: "t", status: "ok", source: "mcp", sentence: "" }, [
    question({ outcome: "\u202egnp.exe" }),
  ])
  const [step] = stepsOf(asked.checkpoints, "ok")
  expect(step && markup(<StepFacts step={step} />)).toContain("\\u202egnp.exe")
})
