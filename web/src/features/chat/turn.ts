/** One turn as its frames tell it: a pure fold, idempotent by (flow_id, n), indifferent to order of arrival. */
import type { TurnFrame } from "@/api/frames"
import type { CallStatus, TurnStatus } from "@/api/types"

export interface TextPart {
  kind: "text"
  key: string
  text: string
}

export interface CallPart {
  kind: "call"
  key: string
  server: string
  tool: string
  title: string | null
  arguments: Record<string, unknown>
  /** Absent while the call runs. */
  result: {
    status: CallStatus
    preview: string | null
    duration_ms: number | null
    rule: string | null
  } | null
}

export type Part = TextPart | CallPart

export interface Usage {
  charged_micros: number
  remaining_micros: number | null
  input_tokens: number
  output_tokens: number
  estimated: boolean
}

export interface Ending {
  message_id: string | null
  status: TurnStatus
  code: string | null
  detail: string | null
  rule: string | null
  duration_ms: number | null
}

export interface Turn {
  flow_id: string
  conversation_id: string
  /** All frames up to here have been applied; frames beyond a hole wait in `held`. */
  seen: number
  held: ReadonlyMap<number, TurnFrame>
  parts: readonly Part[]
  /** True between "the model was asked" and its first word or wish. */
  thinking: boolean
  model: string | null
  usage: Usage | null
  ending: Ending | null
}

export function openTurn(flow_id: string, conversation_id: string): Turn {
  return {
    flow_id,
    conversation_id,
    seen: 0,
    held: new Map(),
    parts: [],
    thinking: true,
    model: null,
    usage: null,
    ending: null,
  }
}

/** Applies a frame once: what was seen is dropped, what is early waits until the hole before it is filled. */
export function applyFrame(turn: Turn, frame: TurnFrame): Turn {
  if (frame.flow_id !== turn.flow_id || frame.n <= turn.seen || turn.held.has(frame.n)) return turn
  if (frame.n > turn.seen + 1) return { ...turn, held: new Map(turn.held).set(frame.n, frame) }
  let next = step(turn, frame)
  const held = new Map(next.held)
  for (let waiting = held.get(next.seen + 1); waiting; waiting = held.get(next.seen + 1)) {
    held.delete(waiting.n)
    next = step(next, waiting)
  }
  return { ...next, held }
}

/** Whether frames are missing before ones that have arrived: the moment to ask for a resume from `seen`. */
export function hasHole(turn: Turn): boolean {
  return turn.held.size > 0
}

function step(turn: Turn, frame: TurnFrame): Turn {
  const next = { ...turn, seen: frame.n }
  switch (frame.type) {
    case "thinking":
      return { ...next, thinking: true, model: frame.model }
    case "text":
      return { ...next, thinking: false, parts: withText(turn.parts, frame.text) }
    case "tool_call":
      return { ...next, thinking: false, parts: [...turn.parts, callPart(frame)] }
    case "tool_result":
      return { ...next, thinking: true, parts: turn.parts.map((part) => withResult(part, frame)) }
    case "usage":
      return { ...next, usage: usageOf(frame) }
    case "done":
      return { ...next, thinking: false, model: frame.model ?? turn.model, ending: endingOf(frame) }
  }
}

function withText(parts: readonly Part[], text: string): readonly Part[] {
  const last = parts.at(-1)
  if (last?.kind !== "text") return [...parts, { kind: "text", key: `text-${parts.length}`, text }]
  return [...parts.slice(0, -1), { ...last, text: last.text + text }]
}

function callPart(frame: TurnFrame & { type: "tool_call" }): CallPart {
  const { call_id, server, tool } = frame
  return {
    kind: "call",
    key: call_id,
    server,
    tool,
    title: frame.title ?? null,
    arguments: frame.arguments,
    result: null,
  }
}

function withResult(part: Part, frame: TurnFrame & { type: "tool_result" }): Part {
  if (part.kind !== "call" || part.key !== frame.call_id) return part
  const { status, preview, duration_ms, rule } = frame
  return { ...part, result: { status, preview, duration_ms, rule: rule ?? null } }
}

function usageOf(frame: TurnFrame & { type: "usage" }): Usage {
  const { charged_micros, remaining_micros, input_tokens, output_tokens, estimated } = frame
  return { charged_micros, remaining_micros, input_tokens, output_tokens, estimated }
}

function endingOf(frame: TurnFrame & { type: "done" }): Ending {
  const { message_id, status, code, detail, rule, duration_ms } = frame
  return { message_id, status, code, detail, rule, duration_ms }
}
