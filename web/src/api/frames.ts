/** Frames of `/ws/chat`, both ways; generated from the server's contract. */
import type { components } from "./schema"
import type { TurnStatus } from "./types"

type Schemas = components["schemas"]

export type ModelOption = Schemas["ModelOption"]
export type Welcome = Schemas["Welcome"]
export type Accepted = Schemas["Accepted"]

export type ThinkingFrame = Schemas["Thinking"]
export type TextFrame = Schemas["Text"]
export type ToolCallFrame = Omit<Schemas["ToolCalled"], "arguments"> & { arguments: Record<string, unknown> }
export type ToolResultFrame = Schemas["ToolReturned"]
export type UsageFrame = Schemas["UsageFrame"]
export type DoneFrame = Omit<Schemas["TurnDone"], "status"> & { status: TurnStatus }

/** Everything that belongs to one turn and is numbered within it: 1.. without holes. */
export type TurnFrame = ThinkingFrame | TextFrame | ToolCallFrame | ToolResultFrame | UsageFrame | DoneFrame

/** A refusal carries what helps beside its words. */
export interface Refused extends Pick<Schemas["Refused"], "type" | "code" | "detail" | "status"> {
  id: string | null
  rule?: string | null
  retry_after_ms?: number | null
  resets_at?: string | null
}

export type ServerFrame =
  | Welcome
  | Accepted
  | TurnFrame
  | Refused
  | Schemas["Warned"]
  | Schemas["BlockedFrame"]
  | Schemas["Gap"]
  | Schemas["Pong"]
  | Schemas["Resumed"]

export type ClientFrame = Schemas["ChatFrames"]["client"]

const numbered = new Set(["thinking", "text", "tool_call", "tool_result", "usage", "done"])

export function isTurnFrame(frame: ServerFrame): frame is TurnFrame {
  return numbered.has(frame.type)
}
