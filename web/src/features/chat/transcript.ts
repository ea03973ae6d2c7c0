/** The conversation as it is shown: stored messages and live turns folded into questions and answers. */
import type { Refused } from "@/api/frames"
import type { CallView, MessageView, TurnView } from "@/api/types"
import type { ChatState, LiveTurn, Pending } from "./state"
import type { CallPart, Ending, Part, Turn, Usage } from "./turn"

export interface Question {
  kind: "question"
  key: string
  message_id: string | null
  text: string
  at: string | null
  state: "taken" | "sending" | "waiting" | "unsure" | "refused"
  refusal: Refused | null
}

export interface Answer {
  kind: "answer"
  key: string
  flow_id: string
  parts: readonly Part[]
  thinking: boolean
  model: string | null
  usage: Usage | null
  /** Absent while the answer is being made. */
  ending: Ending | null
  at: string | null
}

export type Item = Question | Answer

/** A live turn stands in the place of its stored messages; what is not stored yet follows them. */
export function transcript(
  stored: readonly MessageView[],
  state: Pick<ChatState, "turns" | "pending">,
  conversation_id: string | null,
): Item[] {
  const live = Object.values(state.turns).filter(({ turn }) => turn.conversation_id === conversation_id)
  const replaced = new Set(live.map((one) => one.replaces).filter((flow_id) => flow_id !== null))
  const groups = grouped(stored)
  const shown = new Set(groups.map((group) => group.flow_id))
  const asked = new Set(stored.map((message) => message.message_id))
  const own = new Map(live.map(({ turn }) => [turn.flow_id, turn]))
  const unstored = live.filter(({ turn }) => !shown.has(turn.flow_id) && !replaced.has(turn.flow_id))
  const last_text = stored.findLast((message) => message.kind === "user")?.text
  const arrived = (one: Pending) => one.unsure && one.text === last_text
  const waiting = state.pending.filter((one) => one.conversation_id === conversation_id && !arrived(one))
  return [
    ...groups.flatMap((group) => storedItems(group, replaced, own)),
    ...unstored.flatMap((one) => liveItems(one, asked)),
    ...waiting.map(pendingQuestion),
  ]
}

function storedItems(group: Group, replaced: ReadonlySet<string>, own: ReadonlyMap<string, Turn>): Item[] {
  const question = group.question ? [storedQuestion(group.question)] : []
  if (!group.flow_id || replaced.has(group.flow_id)) return question
  const turn = own.get(group.flow_id)
  if (turn) return [...question, liveAnswer(turn)]
  return group.answer.length > 0 ? [...question, storedAnswer(group.flow_id, group.answer)] : question
}

function liveItems(one: LiveTurn, asked: ReadonlySet<string>): Item[] {
  const fresh = one.said && !asked.has(one.said.message_id)
  return fresh ? [saidQuestion(one), liveAnswer(one.turn)] : [liveAnswer(one.turn)]
}

interface Group {
  question: MessageView | null
  flow_id: string | null
  answer: MessageView[]
}

/** Messages of one flow belong together; a question opens a group and its answer joins it. */
function grouped(stored: readonly MessageView[]): Group[] {
  const groups: Group[] = []
  for (const message of stored) {
    const last = groups.at(-1)
    if (message.kind === "user") groups.push({ question: message, flow_id: message.flow_id, answer: [] })
    else if (last && (last.flow_id === message.flow_id || (last.question && last.answer.length === 0))) {
      last.flow_id = message.flow_id
      last.answer.push(message)
    } else groups.push({ question: null, flow_id: message.flow_id, answer: [message] })
  }
  return groups
}

function storedQuestion(message: MessageView): Question {
  const { message_id, text, created_at } = message
  return {
    kind: "question",
    key: message_id,
    message_id,
    text,
    at: created_at,
    state: "taken",
    refusal: null,
  }
}

function saidQuestion({ turn, said }: LiveTurn): Question {
  const key = said?.message_id ?? turn.flow_id
  return {
    kind: "question",
    key,
    message_id: key,
    text: said?.text ?? "",
    at: null,
    state: "taken",
    refusal: null,
  }
}

function pendingQuestion(one: Pending): Question {
  const { id: key, text, refusal } = one
  return { kind: "question", key, message_id: null, text, at: null, state: pendingState(one), refusal }
}

function pendingState(one: Pending): Question["state"] {
  if (one.refusal) return "refused"
  if (one.unsure) return "unsure"
  return one.sent ? "sending" : "waiting"
}

function liveAnswer(turn: Turn): Answer {
  const { flow_id, parts, thinking, model, usage, ending } = turn
  return { kind: "answer", key: flow_id, flow_id, parts, thinking, model, usage, ending, at: null }
}

function storedAnswer(flow_id: string, messages: readonly MessageView[]): Answer {
  const last = messages.at(-1) as MessageView
  const turn = messages.findLast((message) => message.turn !== null)?.turn ?? null
  return {
    kind: "answer",
    key: flow_id,
    flow_id,
    parts: messages.map(storedPart).filter((part) => part.kind === "call" || part.text !== ""),
    thinking: false,
    model: turn?.model ?? null,
    usage: turn && storedUsage(turn),
    ending: storedEnding(turn, last),
    at: last.created_at,
  }
}

function storedPart(message: MessageView): Part {
  if (message.call) return storedCall(message.call)
  return { kind: "text", key: message.message_id, text: message.text }
}

function storedCall(call: CallView): CallPart {
  const { call_id, server, tool, title, status, preview, duration_ms, rule } = call
  const result = { status, preview, duration_ms, rule }
  return { kind: "call", key: call_id, server, tool, title, arguments: call.arguments, result }
}

function storedUsage(turn: TurnView): Usage {
  const { charged_micros, remaining_micros, input_tokens, output_tokens, estimated } = turn
  return { charged_micros, remaining_micros, input_tokens, output_tokens, estimated }
}

/** An answer without its last word has lost its owner: what is stored stands, and how it ended is unknown. */
function storedEnding(turn: TurnView | null, last: MessageView): Ending {
  const message_id = last.kind === "assistant" ? last.message_id : null
  if (!turn || turn.status === "running") {
    return { message_id, status: "unknown", code: null, detail: null, rule: null, duration_ms: null }
  }
  const { status, code, detail, rule, duration_ms } = turn
  return { message_id, status, code, detail, rule, duration_ms }
}
