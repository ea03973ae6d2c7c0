import { describe, expect, test } from "vitest"
import type { TurnFrame } from "@/api/frames"
import { applyFrame, hasHole, openTurn, type Turn } from "./turn"

const of_turn = { flow_id: "f1", conversation_id: "c1" }

const story: TurnFrame[] = [
  { type: "thinking", ...of_turn, n: 1, iteration: 1, model: "demo" },
  { type: "text", ...of_turn, n: 2, text: "Let me " },
  { type: "text", ...of_turn, n: 3, text: "look." },
  {
    type: "tool_call",
    ...of_turn,
    n: 4,
    call_id: "k1",
    server: "shop",
    title: null,
    tool: "find_order",
    arguments: { id: 1042 },
  },
  {
    type: "tool_call",
    ...of_turn,
    n: 5,
    call_id: "k2",
    server: "time",
    title: null,
    tool: "now",
    arguments: {},
  },
  {
    type: "tool_result",
    ...of_turn,
    n: 6,
    call_id: "k2",
    status: "ok",
    preview: "14:05",
    rule: null,
    duration_ms: 4,
  },
  {
    type: "tool_result",
    ...of_turn,
    n: 7,
    call_id: "k1",
    status: "denied",
    preview: "",
    duration_ms: 1,
    rule: "no writes",
  },
  { type: "thinking", ...of_turn, n: 8, iteration: 2, model: "demo" },
  { type: "text", ...of_turn, n: 9, text: "It is " },
  { type: "text", ...of_turn, n: 10, text: "five past two." },
  {
    type: "usage",
    ...of_turn,
    n: 11,
    charged_micros: 2100,
    remaining_micros: 9,
    input_tokens: 12,
    output_tokens: 7,
    estimated: false,
  },
  {
    type: "done",
    ...of_turn,
    n: 12,
    message_id: "m9",
    status: "ok",
    code: null,
    detail: null,
    rule: null,
    duration_ms: 900,
    model: "demo",
  },
]

const told = (frames: readonly TurnFrame[], from: Turn = openTurn("f1", "c1")) =>
  frames.reduce(applyFrame, from)
const whole = told(story)

/** A small seeded generator: the tests below are many random stories, and the same ones every time. */
function dice(seed: number) {
  let state = seed
  return (below: number) => {
    state = (state * 1664525 + 1013904223) % 4294967296
    return Math.floor((state / 4294967296) * below)
  }
}

function shuffled<T>(items: readonly T[], roll: (below: number) => number): T[] {
  const out = [...items]
  for (let i = out.length - 1; i > 0; i--) {
    const j = roll(i + 1)
    ;[out[i], out[j]] = [out[j] as T, out[i] as T]
  }
  return out
}

describe("the story of a turn", () => {
  test("text flows together between calls, and calls complete in place", () => {
    expect(whole.parts).toMatchObject([
      { kind: "text", text: "Let me look." },
      { kind: "call", key: "k1", tool: "find_order", result: { status: "denied", rule: "no writes" } },
      { kind: "call", key: "k2", tool: "now", result: { status: "ok", preview: "14:05" } },
      { kind: "text", text: "It is five past two." },
    ])
  })

  test("usage and ending are kept as they were said", () => {
    expect(whole.usage).toMatchObject({ charged_micros: 2100, input_tokens: 12 })
    expect(whole.ending).toMatchObject({ status: "ok", message_id: "m9", duration_ms: 900 })
    expect(whole.thinking).toBe(false)
  })

  test("between a result and the next word the model is thinking", () => {
    expect(told(story.slice(0, 7)).thinking).toBe(true)
    expect(told(story.slice(0, 9)).thinking).toBe(false)
  })
})

describe("whatever the wire does, the state is the same", () => {
  test("every frame twice changes nothing", () => {
    expect(told(story.flatMap((frame) => [frame, frame]))).toEqual(whole)
  })

  test("a frame that was seen returns the very same state, so nothing is drawn anew", () => {
    for (const frame of story) expect(applyFrame(whole, frame)).toBe(whole)
  })

  test("a frame of another turn is not ours", () => {
    expect(applyFrame(whole, { ...(story[1] as TurnFrame), flow_id: "other", n: 13 })).toBe(whole)
  })

  test.each(Array.from({ length: 200 }, (_, seed) => seed))("any order with any repeats, seed %d", (seed) => {
    const roll = dice(seed + 1)
    const repeats = Array.from({ length: roll(10) }, () => story[roll(story.length)] as TurnFrame)
    expect(told(shuffled([...story, ...repeats], roll))).toEqual(whole)
  })

  test.each(Array.from({ length: 100 }, (_, seed) => seed))(
    "a dropped socket and a resume from what was seen, seed %d",
    (seed) => {
      const roll = dice(seed + 7)
      let turn = openTurn("f1", "c1")
      while (turn.seen < story.length) {
        const from = Math.max(0, turn.seen - roll(3))
        const until = Math.min(story.length, from + 1 + roll(6))
        turn = told(story.slice(from, until), turn)
      }
      expect(turn).toEqual(whole)
    },
  )

  test("a resume from 0 after a reload tells the whole story again", () => {
    expect(told(story, told(story.slice(0, 5)))).toEqual(whole)
  })
})

describe("holes", () => {
  test("what comes after a hole waits and is not shown", () => {
    const turn = told([story[0], story[2]] as TurnFrame[])
    expect(hasHole(turn)).toBe(true)
    expect(turn.seen).toBe(1)
    expect(turn.parts).toEqual([])
  })

  test("filling the hole releases everything that waited", () => {
    const turn = told([story[0], story[2], story[1]] as TurnFrame[])
    expect(hasHole(turn)).toBe(false)
    expect(turn.parts).toMatchObject([{ text: "Let me look." }])
  })

  test("a lost end is not an end", () => {
    expect(told(story.filter((frame) => frame.n !== 11)).ending).toBeNull()
  })
})
