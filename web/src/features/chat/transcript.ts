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
  stored: readonly StoredTurn[],
  state: Pick<ChatState, "turns" | "pending">,
  conversation_id: string | null,
): Item[] {
  const live = Object.values(state.turns).filter(({ turn }) => turn.conversation_id === conversation_id)
  const replaced = new Set(live.map((one) => one.replaces).filter((flow_id) => flow_id !== null))
  const shown = new Set(stored.map((one) => one.flow_id))
  const asked = new Set(stored.map((one) => one.question?.message_id))
  const own = new Map(live.map(({ turn }) => [turn.flow_id, turn]))
  const unstored = live.filter(({ turn }) => !shown.has(turn.flow_id) && !replaced.has(turn.flow_id))
  const last_text = stored.findLast((one) => one.question)?.question?.text
  const arrived = (one: Pending) => one.unsure && one.text === last_text
  const waiting = state.pending.filter((one) => one.conversation_id === conversation_id && !arrived(one))
  return [
    ...stored.flatMap((one) => storedItems(one, replaced, own)),
    ...unstored.flatMap((one) => liveItems(one, asked)),
    ...waiting.map(pendingQuestion),
  ]
}

/** A question with its answer, as stored; made once for a page of messages, so that nothing settled is drawn anew. */
export interface StoredTurn {
  flow_id: string | null
  question: Question | null
  answer: Answer | null
}

/** Messages of one flow belong together; a question opens a turn and its answer joins it. */
export function storedTurns(messages: readonly MessageView[]): StoredTurn[] {
  return grouped(messages).map(({ question, flow_id, answer }) => ({
    flow_id,
    question: question && storedQuestion(question),
    answer: flow_id && answer.length > 0 ? storedAnswer(flow_id, answer) : null,
  }))
}

function storedItems(one: StoredTurn, replaced: ReadonlySet<string>, own: ReadonlyMap<string, Turn>): Item[] {
  const question = one.question ? [one.question] : []
  if (!one.flow_id || replaced.has(one.flow_id)) return question
  const turn = own.get(one.flow_id)
  if (turn) return [...question, liveAnswer(turn)]
  return one.answer ? [...question, one.answer] : question
}

function liveItems(one: LiveTurn, asked: ReadonlySet<string | null | undefined>): Item[] {
  const fresh = one.said && !asked.has(one.said.message_id)
  return fresh ? [saidQuestion(one), liveAnswer(one.turn)] : [liveAnswer(one.turn)]
}

interface Group {
  question: MessageView | null
  flow_id: string | null
  answer: MessageView[]
}

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

const live_answers = new WeakMap<Turn, Answer>()

/** The same turn gives the same answer, so that only the one that grows is drawn anew. */
function liveAnswer(turn: Turn): Answer {
  const before = live_answers.get(turn)
  if (before) return before
  const { flow_id, parts, thinking, model, usage, ending } = turn
  const answer: Answer = {
    kind: "answer",
    key: flow_id,
    flow_id,
    parts,
    thinking,
    model,
    usage,
    ending,
    at: null,
  }
  live_answers.set(turn, answer)
  return answer
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
