/** The shapes of the administration, under the names the pages use. */
import type { BlockScope, BlockView, CallStatus, Role, UserView } from "./types"

export type Source = "chat" | "mcp" | "api"
export type FlowStatus = "running" | "ok" | "denied" | "blocked" | "failed" | "cancelled" | "unknown"
export type StepVerdict = "passed" | "denied" | "warned" | "failed" | "unknown" | "info"
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue }

export interface FlowRow {
  flow_id: string
  user_id: string
  user_email: string
  user_name: string
  source: Source
  conversation_id: string | null
  title: string
  status: FlowStatus
  started_at: string
  ended_at: string | null
  duration_ms: number | null
  steps: number
  tool_calls: number
  input_tokens: number
  output_tokens: number
  cost_micros: number
  servers: string[]
  sentence: string
  model: string | null
}

export interface BudgetLine {
  name: string
  limit_micros: number
  used_micros: number
  reserved_micros: number
  remaining_micros: number
  resets_at: string
}

type Target = "tool" | "prompt" | "resource" | "completion"

export interface ToolCallData {
  kind: "tool_call"
  target: Target
  server: string
  tool: string
  call_id: string
  arguments: JsonValue
  iteration: number | null
  rule: string | null
  detail: string | null
}

export interface ToolResultData {
  kind: "tool_result"
  target: Target
  server: string
  tool: string
  call_id: string
  status: CallStatus
  size_bytes: number
  preview: string
}

export interface LlmThinkingData {
  kind: "llm_thinking"
  provider: string
  model: string
  iteration: number
  messages: number
  tools_offered: number
}

export interface LlmCompleteData {
  kind: "llm_complete"
  model: string
  input_tokens: number
  output_tokens: number
  cache_read_tokens: number
  cache_write_tokens: number
  reasoning_tokens: number
  estimated: boolean
  cost_micros: number | null
  price_version: string | null
  finish_reason: string
  first_token_ms: number | null
}

/** What a step found, tagged by `kind`. */
export type StepData =
  | {
      kind: "auth_check"
      method: "session" | "token" | "oauth"
      token_name: string | null
      client: string | null
      address: string | null
    }
  | {
      kind: "block_check"
      scope: string
      epoch: number
      message: string | null
      since: string | null
      by: string | null
    }
  | {
      kind: "mcp_access_check"
      access_id: string
      servers_allowed: number
      servers_total: number
      server: string | null
      allowed: boolean | null
      rule: string | null
    }
  | { kind: "tool_filter"; access_id: string; offered: number; removed: number; rules: string[] }
  | { kind: "security_check"; detector: string; score: number; action: "allowed" | "warned" | "denied" }
  | {
      kind: "usage_check"
      budgets: BudgetLine[]
      requested_micros: number
      reserved_micros: number
      denied_by: string | null
      unpriced: boolean
    }
  | LlmThinkingData
  | LlmCompleteData
  | {
      kind: "approval"
      approval_id: string
      arguments_sha256: string
      decided_by: string | null
      decision: "allowed" | "denied" | "expired"
      scope: "once" | "conversation" | "always"
      expires_at: string | null
    }
  | { kind: "upstream_request"; server: string; method: string; outcome: string }
  | ToolCallData
  | ToolResultData
  | {
      kind: "usage_settled"
      reserved_micros: number
      charged_micros: number
      refunded_micros: number
      remaining_micros: number | null
      input_tokens: number
      output_tokens: number
    }
  | { kind: "blocked"; by: string; message: string; cancelled: string }
  | { kind: "error"; code: string; detail: string; step: string | null }
  | {
      kind: "done"
      status: FlowStatus
      duration_ms: number
      input_tokens: number
      output_tokens: number
      cost_micros: number
      tool_calls: number
    }

export type StepKind = StepData["kind"]

export interface Checkpoint {
  flow_id: string
  seq: number
  parent_seq: number | null
  user_id: string
  source: Source
  conversation_id: string | null
  at: string
  duration_ms: number | null
  verdict: StepVerdict
  kind: string
  data: StepData
}

export interface Snapshot {
  access_id: string
  servers: { server: string; decision: "allowed" | "denied" | "unavailable"; rule: string }[]
  tools: { server: string; tool: string; allowed: boolean; rule: string }[]
}

export interface UserCreated extends LinkCreated {
  user: UserView
}

export interface LinkCreated {
  link: string
  expires_at: string
}

export interface BlockOrder {
  scope: BlockScope
  reason: string
  message: string
  until: string | null
}

export interface BlockPreview {
  sentence: string
  sockets: number
  turns: number
  calls: number
}

export interface ReplicaReceipt {
  replica_id: string
  confirmed: boolean
  sockets_closed: number
  turns_cancelled: number
  calls_cancelled: number
  slowest_ms: number
}

export interface BlockReceipt {
  block: BlockView
  sockets_closed: number
  streams_cancelled: number
  turns_cancelled: number
  calls_cancelled: number
  sessions_ended: number
  tokens_suspended: number
  slowest_ms: number
  replicas: ReplicaReceipt[]
}

export interface BudgetView {
  limit_micros: number | null
  default_limit_micros: number
  used_micros: number
  reserved_micros: number
  remaining_micros: number
  resets_at: string
  period: "day"
}

export type ServerState = "connected" | "connecting" | "down" | "disabled"
export type Transport = "http" | "stdio"

export interface ServerView {
  server_id: string
  slug: string
  title: string
  transport: Transport
  url: string | null
  command: string[] | null
  demo: boolean
  enabled: boolean
  state: ServerState
  reason: string | null
  since: string
  latency_ms: number | null
  tool_count: number
  calls_today: number
  errors_today: number
  timeout_ms: number
  concurrency: number
  allow_private: boolean
  has_credentials: boolean
  credential_set_at: string | null
  revision: string | null
  checked_at: string | null
  created_at: string
}

export interface ToolView {
  name: string
  title: string | null
  description: string
  input_schema: Record<string, JsonValue>
  annotations: Record<string, JsonValue>
  enabled: boolean
  price_micros: number | null
}

export interface ProbeView {
  ok: boolean
  latency_ms: number | null
  revision: string | null
  server_name: string | null
  tools: ToolView[]
  code: string | null
  detail: string | null
}

export interface HealthRow {
  at: string
  state: ServerState
  reason: string | null
  latency_ms: number | null
}

export interface Pair {
  name: string
  value: string
}

export interface ServerCreate {
  slug?: string
  title: string
  transport: Transport
  url?: string
  command?: string[]
  headers?: Pair[]
  env?: Pair[]
  bearer?: string
  grant?: "nobody" | "everyone" | "admins"
  allow_private?: boolean
}

export interface ServerPatch {
  title?: string
  enabled?: boolean
  timeout_ms?: number
  concurrency?: number
  url?: string
  command?: string[]
  headers?: Pair[]
  env?: Pair[]
  bearer?: string | null
}

export type Subject = "everyone" | "role" | "user"

export interface GrantView {
  grant_id: string
  subject: Subject
  role: Role | null
  user_id: string | null
  user_email: string | null
  server: string
  allow: string[]
  deny: string[]
  name: string
  created_at: string
  created_by: string
}

export interface GrantCreate {
  subject: Subject
  role: Role | null
  user_id: string | null
  server: string
  allow: string[]
  deny: string[]
  name: string | null
}

export interface ToolAccess {
  name: string
  title: string | null
  allowed: boolean
  rule: string
  reason: string
}

export interface ServerAccess {
  server_id: string
  slug: string
  title: string
  state: ServerState
  allowed: boolean
  rule: string
  reason: string
  tools: ToolAccess[]
}

export interface Explanation {
  allowed: boolean
  rule: string
  sentence: string
}

export type RealProvider = "openai" | "anthropic" | "google" | "openai_compatible"

export interface PriceView {
  input_micros_per_mtok: number
  output_micros_per_mtok: number
  per_message_micros: number
  source: "demo" | "list" | "set" | "unpriced"
}

export interface ModelView {
  model_id: string
  provider: RealProvider | "demo"
  provider_title: string
  name: string
  title: string
  is_default: boolean
  demo: boolean
  enabled: boolean
  base_url: string | null
  key: { source: "stored" | "environment" | "none"; set_at: string | null; set_by: string | null }
  price: PriceView | null
  max_output_tokens: number | null
}

export interface ModelTest {
  provider: RealProvider
  name: string
  base_url?: string
  key?: string
}

export interface ModelCreate extends ModelTest {
  title?: string
  default?: boolean
}

export interface ModelPatch {
  title?: string
  is_default?: boolean
  enabled?: boolean
  key?: string
  price?: Omit<PriceView, "source"> | null
}

export interface ModelTestView {
  ok: boolean
  latency_ms: number | null
  code: string | null
  detail: string | null
}

export interface ActiveUser {
  user_id: string
  email: string
  name: string
  state: "idle" | "thinking" | "offline"
  sockets: number
  turns_today: number
  last_seen_at: string | null
}

export interface Overview {
  as_of: string
  servers: ServerView[]
  cost_today_micros: number
  cost_yesterday_micros: number
  unpriced_calls_today: number
  budget_today_micros: number | null
  active_users: ActiveUser[]
  active_count: number
  flows_today: number
  denied_today: number
  errors_today: number
  flows_per_hour: { hour: string; count: number; failed: number }[]
  cost_by_day: { day: string; micros: number }[]
  attention: { code: "server_down" | "user_at_limit" | "model_unpriced"; sentence: string; href: string }[]
}

export type ActivityType = "sign_in" | "message" | "tool_call" | "denial" | "block" | "config"

export interface Activity {
  at: string
  type: ActivityType
  user_id: string | null
  user_email: string | null
  sentence: string
  flow_id: string | null
  verdict: StepVerdict
}

export interface JournalView {
  journal_id: string
  at: string
  actor_id: string | null
  actor_email: string | null
  kind: string
  subject: string | null
  sentence: string
  data: JsonValue
}
