/** The shapes of the administration under the names the pages use; generated from the server's OpenAPI document. */
import type { components } from "./schema"

type Schemas = components["schemas"]
/** Fields with a default are always sent, though the document calls them optional. */
type Sent<Name extends keyof Schemas> = Required<Schemas[Name]>
/** What may be left out of a request although the document, made for answers, says it is there. */
type Given<Name extends keyof Schemas, Needed extends keyof Schemas[Name]> = Partial<Schemas[Name]> &
  Pick<Schemas[Name], Needed>

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue }

export type FlowRow = Sent<"FlowRow">
export type FlowStatus = FlowRow["status"]
export type Source = FlowRow["source"]

export interface ToolCallData extends Omit<Sent<"ToolCall">, "arguments"> {
  arguments: JsonValue
}
export type ToolResultData = Sent<"ToolResult">
export type LlmThinkingData = Sent<"LlmThinking">
export type LlmCompleteData = Sent<"LlmComplete">
export type BudgetLine = Sent<"BudgetLine">

/** What a step found, tagged by `kind`. */
export type StepData =
  | Sent<"AuthCheck">
  | Sent<"BlockCheck">
  | Sent<"McpAccessCheck">
  | Sent<"ToolFilter">
  | Sent<"SecurityCheck">
  | Sent<"UsageCheck">
  | LlmThinkingData
  | LlmCompleteData
  | Sent<"ApprovalCheck">
  | Sent<"UpstreamRequest">
  | ToolCallData
  | ToolResultData
  | Sent<"UsageSettled">
  | Sent<"Blocked">
  | Sent<"ErrorStep">
  | Sent<"Done">
export type StepKind = StepData["kind"]

export interface Checkpoint extends Omit<Sent<"Checkpoint">, "data"> {
  data: StepData
}
export type StepVerdict = Checkpoint["verdict"]
export type Snapshot = Sent<"SnapshotView">

export type LinkCreated = Schemas["LinkCreated"]
export type UserCreated = Schemas["UserCreated"]
export type BlockOrder = Schemas["BlockCreate"]
export type BlockPreview = Schemas["BlockPreview"]
export type BlockReceipt = Schemas["BlockReceipt"]
export type ReplicaReceipt = Schemas["ReplicaView"]

export type BudgetView = Sent<"BudgetView">

export type ServerView = Sent<"ServerView">
export type ServerState = ServerView["state"]
export interface ToolView extends Omit<Sent<"ToolView">, "input_schema" | "output_schema" | "annotations"> {
  input_schema: Record<string, JsonValue>
  output_schema: Record<string, JsonValue> | null
  annotations: Record<string, JsonValue>
}
export type ToolLabel = ToolView["labels"][number]
export type DefinitionView = Sent<"DefinitionView">
export type FieldChange = Sent<"FieldChange">
export interface PromptView extends Omit<Sent<"PromptView">, "arguments"> {
  arguments: Record<string, JsonValue>[]
}
export type ResourcesView = Sent<"ResourcesView">
export type VirtualView = Sent<"VirtualView">
export type VirtualToolView = Sent<"VirtualToolView">
export type VirtualCreate = Given<"VirtualCreate", "title">
export type VirtualPatch = Schemas["VirtualPatch"]
export type ToolPatch = Schemas["ToolPatch"]
export interface ProbeView extends Omit<Sent<"ProbeView">, "tools"> {
  tools: ToolView[]
}
export type HealthRow = Sent<"HealthRow">
export type Pair = Schemas["Pair"]
export type ServerCreate = Given<"ServerCreate", "title" | "transport">
export type ServerPatch = Schemas["ServerPatch"]

export type GrantView = Sent<"GrantView">
export type GrantCreate = Given<"GrantCreate", "subject" | "server">
export type Subject = GrantView["subject"]
export type ServerAccess = Sent<"ServerAccess">
export type ToolAccess = Sent<"ToolAccess">
export type Explanation = Schemas["Explanation"]

export type ModelView = Sent<"ModelView">
export type PriceView = Schemas["PriceView"]
export type ModelTest = Schemas["ModelTest"]
export type ModelCreate = Schemas["ModelCreate"]
export type ModelPatch = Schemas["ModelPatch"]
export type ModelTestView = Sent<"ModelTestView">
export type RealProvider = ModelTest["provider"]

export interface Overview extends Omit<Sent<"Overview">, "servers"> {
  servers: ServerView[]
}
export type ActiveUser = Overview["active_users"][number]
export type Activity = Sent<"Activity">
export type ActivityType = Activity["type"]
export interface JournalView extends Omit<Sent<"JournalView">, "data"> {
  data: JsonValue
}
