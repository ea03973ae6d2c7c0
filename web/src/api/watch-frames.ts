/** Frames of `/ws/watch`, both ways; generated from the server's contract. */
import type { components } from "./schema"
import type { Checkpoint, FlowRow } from "./shapes"

type Schemas = components["schemas"]

export type Presence = Pick<Schemas["PresenceFrame"], "state" | "sockets">

export interface SnapshotFrame extends Omit<Schemas["SnapshotFrame"], "flows"> {
  flows: { flow: FlowRow; checkpoints: Checkpoint[] }[]
}

/** Several frames in their order. */
export interface PackedFrames {
  type: "frames"
  frames: (SnapshotFrame | ({ type: "checkpoint" } & Checkpoint) | ({ type: "flow" } & FlowRow))[]
}

/** A refusal of one user names them. */
export interface WatchRefused extends Pick<Schemas["Refused"], "type" | "code" | "detail" | "status"> {
  user_id?: string
}

export type WatchServerFrame =
  | SnapshotFrame
  | ({ type: "checkpoint" } & Checkpoint)
  | ({ type: "flow" } & FlowRow)
  | PackedFrames
  | Schemas["PresenceFrame"]
  | Schemas["WatchGap"]
  | WatchRefused
  | Schemas["BlockedFrame"]
  | Schemas["Pong"]

export type WatchClientFrame = Schemas["WatchFrames"]["client"]
