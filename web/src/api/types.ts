/** The shapes of the contract under the names the pages use. */

export type Role = "admin" | "member" | "auditor"
export type UserStatus = "active" | "invited" | "deactivated"
export type BlockScope = "everywhere" | "chat" | "mcp"

export interface BlockView {
  block_id: string
  scope: BlockScope
  reason: string
  message: string
  since: string
  by: string
  until: string | null
  lifted_at: string | null
  lifted_by: string | null
}

export interface UserView {
  user_id: string
  email: string
  name: string | null
  role: Role
  status: UserStatus
  blocked: BlockView | null
  created_at: string
  last_seen_at: string | null
}

export interface UserRow extends UserView {
  sockets: number
  state: "idle" | "thinking" | "offline"
  remaining_micros: number | null
  limit_micros: number | null
}

export interface Me {
  user: UserView
  role: Role
  permissions: string[]
  credit_micros: number
  remaining_micros: number | null
  limit_micros: number | null
  resets_at: string | null
  time_zone: string
}

export interface AuthState {
  setup_required: boolean
  signed_in: boolean
  version: string
  demo: boolean
}

export interface LinkView {
  purpose: "first_admin" | "invite" | "reset"
  email: string | null
  name: string | null
  expires_at: string
}

export interface PageOf<T> {
  items: T[]
  next: string | null
}

export interface ConversationView {
  conversation_id: string
  title: string
  created_at: string
  updated_at: string
  running_flow_id: string | null
}

export type CallStatus =
  | "ok"
  | "tool_error"
  | "upstream_error"
  | "timeout"
  | "cancelled"
  | "denied"
  | "unknown"
export type TurnStatus = "ok" | "denied" | "blocked" | "failed" | "cancelled" | "unknown"

export interface CallView {
  call_id: string
  server: string
  tool: string
  arguments: Record<string, unknown>
  status: CallStatus
  preview: string | null
  duration_ms: number | null
}

export interface TurnView {
  status: TurnStatus | "running"
  model: string | null
  input_tokens: number
  output_tokens: number
  estimated: boolean
  charged_micros: number
  remaining_micros: number | null
  duration_ms: number | null
  finish_reason: string | null
  code: string | null
  detail: string | null
}

export interface MessageView {
  message_id: string
  kind: "user" | "assistant" | "tool"
  flow_id: string | null
  text: string
  created_at: string
  call: CallView | null
  turn: TurnView | null
}

export interface MessagePage extends PageOf<MessageView> {
  running: { flow_id: string; last_n: number } | null
}
