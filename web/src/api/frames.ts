/** Frames of `/ws/chat`, both ways. */
import type { CallStatus, TurnStatus } from "./types"

export interface ModelOption {
  model_id: string
  title: string
  demo: boolean
  is_default: boolean
}

export interface Welcome {
  type: "welcome"
  user_id: string
  name: string | null
  message: string
  suggestions: string[]
  models: ModelOption[]
  remaining_micros: number | null
  limit_micros: number | null
  resets_at: string | null
  credit_micros: number
}

export interface Accepted {
  type: "accepted"
  id: string
  conversation_id: string
  flow_id: string
  message_id: string
  title: string
}

interface OfTurn {
  flow_id: string
  conversation_id: string
  /** 1.. without holes, one counter for all frames of the turn. */
  n: number
}

export interface ThinkingFrame extends OfTurn {
  type: "thinking"
  iteration: number
  model: string
}

export interface TextFrame extends OfTurn {
  type: "text"
  text: string
}

export interface ToolCallFrame extends OfTurn {
  type: "tool_call"
  call_id: string
  server: string
  tool: string
  title?: string | null
  arguments: Record<string, unknown>
}

export interface ToolResultFrame extends OfTurn {
  type: "tool_result"
  call_id: string
  status: CallStatus
  preview: string | null
  duration_ms: number | null
  rule?: string | null
}

export interface UsageFrame extends OfTurn {
  type: "usage"
  charged_micros: number
  remaining_micros: number | null
  input_tokens: number
  output_tokens: number
  estimated: boolean
}

export interface DoneFrame extends OfTurn {
  type: "done"
  message_id: string | null
  status: TurnStatus
  code: string | null
  detail: string | null
  rule: string | null
  duration_ms: number | null
  model: string | null
}

/** Everything that belongs to one turn and is numbered within it. */
export type TurnFrame = ThinkingFrame | TextFrame | ToolCallFrame | ToolResultFrame | UsageFrame | DoneFrame

export interface Refused {
  type: "refused"
  id: string | null
  code: string
  detail: string
  status: number
  rule?: string | null
  retry_after_ms?: number | null
  resets_at?: string | null
}

export type ServerFrame =
  | Welcome
  | Accepted
  | TurnFrame
  | Refused
  | { type: "warning"; code: string; detail: string }
  | { type: "blocked"; message: string }
  | { type: "gap"; flow_id: string; after: number }
  | { type: "pong" }
  | { type: "resumed"; conversation_id: string; flow_id: string | null }

export type ClientFrame =
  | { type: "say"; id: string; conversation_id?: string | null; text: string; model?: string | null }
  | { type: "stop"; flow_id: string }
  | { type: "regenerate"; id: string; message_id: string }
  | { type: "resume"; conversation_id: string; after: number; flow_id?: string | null }
  | { type: "ping" }

const numbered = new Set(["thinking", "text", "tool_call", "tool_result", "usage", "done"])

export function isTurnFrame(frame: ServerFrame): frame is TurnFrame {
  return numbered.has(frame.type)
}
