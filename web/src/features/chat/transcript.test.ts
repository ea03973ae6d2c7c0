import { expect, test } from "vitest"
import type { Accepted, TurnFrame } from "@/api/frames"
import type { MessageView } from "@/api/types"
import { applyServerFrame, type ChatState, empty_chat, isAwaiting, withAwaiting, withStored } from "./state"
import { storedTurns, transcript as transcriptOf } from "./transcript"

const transcript = (messages: MessageView[], state: ChatState, id: string | null) =>
  transcriptOf(storedTurns(messages), state, id)

const at = "2026-11-22T14:00:00Z"
const done_turn = {
  status: "ok" as const,
  model: "demo",
  input_tokens: 3,
  output_tokens: 4,
  estimated: false,
  charged_micros: 100,
  remaining_micros: 900,
  duration_ms: 50,
  finish_reason: "stop",
  code: null,
  detail: null,
  rule: null,
}

function message(
  kind: MessageView["kind"],
  id: string,
  flow_id: string | null,
  more: Partial<MessageView> = {},
) {
  return { message_id: id, kind, flow_id, text: id, created_at: at, call: null, turn: null, ...more }
}

const stored: MessageView[] = [
  message("user", "q1", "f1"),
  message("tool", "t1", "f1", {
    call: {
      title: null,
      rule: null,
      call_id: "k",
      server: "s",
      tool: "t",
      arguments: {},
      status: "ok",
      preview: "1",
      duration_ms: 2,
    },
  }),
  message("assistant", "a1", "f1", { turn: done_turn }),
]

const frame = (n: number, more: object) => ({ flow_id: "f2", conversation_id: "c", n, ...more }) as TurnFrame
const accepted = (more: Partial<Accepted> = {}): Accepted => ({
  type: "accepted",
  id: "p1",
  conversation_id: "c",
  flow_id: "f2",
  message_id: "q2",
  title: "T",
  ...more,
})

function saying(text: string, conversation_id: string | null = "c"): ChatState {
  return {
    ...empty_chat,
    pending: [{ id: "p1", conversation_id, text, model: null, sent: true, unsure: false, refusal: null }],
  }
}

const kinds = (items: ReturnType<typeof transcript>) =>
  items.map((item) => (item.kind === "question" ? `? ${item.text} ${item.state}` : `! ${item.flow_id}`))

test("messages of one flow are one answer with its calls, and the last carries its figures", () => {
  const items = transcript(stored, empty_chat, "c")
  expect(kinds(items)).toEqual(["? q1 taken", "! f1"])
  expect(items[1]).toMatchObject({
    parts: [
      { kind: "call", key: "k" },
      { kind: "text", text: "a1" },
    ],
    usage: { charged_micros: 100 },
    ending: { status: "ok", message_id: "a1" },
  })
})

test("what is said shows at once, then becomes the question of its turn without being shown twice", () => {
  let state = saying("hello")
  expect(kinds(transcript(stored, state, "c"))).toEqual(["? q1 taken", "! f1", "? hello sending"])
  state = applyServerFrame(state, accepted())
  expect(kinds(transcript(stored, state, "c"))).toEqual(["? q1 taken", "! f1", "? hello taken", "! f2"])
  const refetched = [...stored, message("user", "q2", "f2", { text: "hello" })]
  expect(kinds(transcript(refetched, state, "c"))).toEqual(["? q1 taken", "! f1", "? hello taken", "! f2"])
})

test("a new conversation takes its first words along when it gets its id", () => {
  const state = saying("first", null)
  expect(kinds(transcript([], state, null))).toEqual(["? first sending"])
  const taken = applyServerFrame(state, accepted())
  expect(kinds(transcript([], taken, "c"))).toEqual(["? first taken", "! f2"])
  expect(transcript([], taken, null)).toEqual([])
})

test("after a reload the running turn's frames stand in the place of its stored parts", () => {
  const half = [...stored, message("user", "q2", "f2"), message("assistant", "a2", "f2", { text: "ha" })]
  let state = applyServerFrame(empty_chat, { type: "resumed", conversation_id: "c", flow_id: "f2" })
  state = applyServerFrame(state, frame(1, { type: "text", text: "half and more" }))
  const items = transcript(half, state, "c")
  expect(kinds(items)).toEqual(["? q1 taken", "! f1", "? q2 taken", "! f2"])
  expect(items[3]).toMatchObject({ parts: [{ text: "half and more" }], ending: null })
})

test("stored parts without a last word end as unknown", () => {
  const items = transcript([message("user", "q", "f9"), message("assistant", "a", "f9")], empty_chat, "c")
  expect(items[1]).toMatchObject({ ending: { status: "unknown" } })
})

test("an answer made anew takes the place of the old one", () => {
  const asked = { ...empty_chat, anew: { p1: "f1" } }
  const state = applyServerFrame(asked, accepted({ message_id: "q1" }))
  expect(kinds(transcript(stored, state, "c"))).toEqual(["? q1 taken", "! f2"])
})

test("a refusal stays with the words that were refused, and other turns go on", () => {
  const state = applyServerFrame(saying("too much"), {
    type: "refused",
    id: "p1",
    code: "budget_exhausted",
    detail: "No credits left today.",
    status: 429,
  })
  const last = transcript(stored, state, "c").at(-1)
  expect(last).toMatchObject({ kind: "question", state: "refused", refusal: { code: "budget_exhausted" } })
})

test("a conversation shows nothing of another", () => {
  const state = applyServerFrame(saying("hello"), accepted())
  expect(kinds(transcript([], state, "elsewhere"))).toEqual([])
})

test("credits follow the last settlement", () => {
  const state = applyServerFrame(
    empty_chat,
    frame(1, {
      type: "usage",
      charged_micros: 1,
      remaining_micros: 42,
      input_tokens: 1,
      output_tokens: 1,
      estimated: true,
    }),
  )
  expect(state.remaining_micros).toBe(42)
})

const welcome = {
  type: "welcome" as const,
  user_id: "u",
  name: "Ada",
  message: "",
  suggestions: [],
  models: [],
  remaining_micros: null,
  limit_micros: null,
  resets_at: null,
  credit_micros: 1000,
}

test("what was being sent when the connection broke is unsure, until the stored messages show that it arrived", () => {
  const state = applyServerFrame(saying("hello"), welcome)
  expect(kinds(transcript(stored, state, "c")).at(-1)).toBe("? hello unsure")
  const arrived = [...stored, message("user", "q2", "f2", { text: "hello" })]
  expect(kinds(transcript(arrived, state, "c")).at(-1)).toBe("? hello taken")
})

test("a refusal of the connection itself is its farewell, and a new welcome takes it back", () => {
  const refused = { type: "refused" as const, id: null, code: "forbidden", detail: "No chat.", status: 403 }
  const state = applyServerFrame(empty_chat, refused)
  expect(state.farewell?.detail).toBe("No chat.")
  expect(applyServerFrame(state, welcome).farewell).toBeNull()
})

test("a turn whose owner is gone gives way to what is stored, but only after its connection was lost", () => {
  const live = applyServerFrame(empty_chat, frame(1, { type: "text", text: "half" }))
  const ended = { ...done_turn, status: "unknown" as const }
  const half = [message("user", "q2", "f2"), message("assistant", "a2", "f2", { text: "ha", turn: ended })]
  expect(withStored(live, half)).toBe(live)
  const back = withAwaiting(live)
  expect(isAwaiting(back, "c")).toBe(true)
  expect(withStored(back, stored)).toBe(back)
  const items = transcript(half, withStored(back, half), "c")
  expect(items[1]).toMatchObject({ parts: [{ text: "ha" }], ending: { status: "unknown" } })
})

test("a frame after the return shows that the turn lives", () => {
  const back = withAwaiting(applyServerFrame(empty_chat, frame(1, { type: "text", text: "half" })))
  const going_on = applyServerFrame(back, frame(2, { type: "text", text: " more" }))
  expect(isAwaiting(going_on, "c")).toBe(false)
})

test("while one answer grows, every settled question and answer stays the very same object", () => {
  const turns = storedTurns(stored)
  const first = applyServerFrame(
    applyServerFrame(saying("hello"), accepted()),
    frame(1, { type: "text", text: "a" }),
  )
  const then = applyServerFrame(first, frame(2, { type: "text", text: "b" }))
  const before = transcriptOf(turns, first, "c")
  const after = transcriptOf(turns, then, "c")
  expect(after[0]).toBe(before[0])
  expect(after[1]).toBe(before[1])
  expect(after[3]).not.toBe(before[3])
  expect(transcriptOf(turns, then, "c")[3]).toBe(after[3])
})
