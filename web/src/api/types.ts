/** The shapes of the contract under the names the pages use; generated from the server's OpenAPI document. */
import type { components } from "./schema"

type Schemas = components["schemas"]

/** Fields with a default are always sent, though the document calls them optional. */
type Sent<Name extends keyof Schemas> = Required<Schemas[Name]>

export type UserView = Schemas["UserView"]
export type UserRow = Schemas["UserRow"]
export type Role = UserView["role"]
export type UserStatus = UserView["status"]
export type BlockView = Sent<"BlockView">
export type BlockScope = BlockView["scope"]
export type Me = Schemas["Me"]
export type Permission = Me["permissions"][number]
export type AuthState = Schemas["AuthState"]
export type LinkView = Schemas["LinkView"]
export type LinkRedeem = Schemas["LinkRedeem"]
export type ConversationView = Schemas["ConversationView"]

export interface PageOf<T> {
  items: T[]
  next: string | null
}

export type CallStatus = Schemas["ToolReturned"]["status"]
export type TurnStatus = Exclude<Schemas["TurnDone"]["status"], "running">

export interface CallView extends Omit<Sent<"CallView">, "status" | "arguments"> {
  status: CallStatus
  arguments: Record<string, unknown>
}

export interface TurnView extends Omit<Sent<"TurnView">, "status"> {
  status: TurnStatus | "running"
}

export interface MessageView extends Omit<Schemas["MessageView"], "call" | "turn"> {
  call: CallView | null
  turn: TurnView | null
}

export interface MessagePage extends PageOf<MessageView> {
  running: Schemas["RunningTurn"] | null
}

export type SessionView = Schemas["SessionView"]
export type TokenView = Schemas["TokenView"]
export type TokenCreate = Schemas["TokenCreate"]
export type TokenCreated = Schemas["TokenCreated"]
export type Connection = Schemas["Connection"]
export type ConsentAsk = Schemas["ConsentAsk"]
export type ConsentDecided = Schemas["ConsentDecided"]
export type ConsentInspected = Schemas["ConsentInspected"]
export type ConsentView = Schemas["ConsentView"]
export type OwnUsage = Schemas["OwnUsage"]
export type AccessOfPerson = Schemas["AccessView"]
