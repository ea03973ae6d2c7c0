/** What the browser knows beyond the stored messages: what is being said, and the turns it has seen frames of. */
import type { Accepted, Refused, ServerFrame, TurnFrame, Welcome } from "@/api/frames"
import { isTurnFrame } from "@/api/frames"
import type { MessageView } from "@/api/types"
import { applyFrame, openTurn, type Turn } from "./turn"

/** Something the person said that the server has not yet taken. */
export interface Pending {
  id: string
  conversation_id: string | null
  text: string
  model: string | null
  sent: boolean
  /** The connection broke between sending and the answer to it: it may or may not have arrived. */
  unsure: boolean
  refusal: Refused | null
}

export interface Said {
  message_id: string
  text: string
}

export interface LiveTurn {
  turn: Turn
  /** What opened it; null when this browser only joined later. */
  said: Said | null
  /** The flow whose answer this one takes the place of. */
  replaces: string | null
  /** Resumed after a lost connection, and nothing of it has come since: its owner may be gone. */
  awaiting: boolean
}

export interface ChatState {
  welcome: Welcome | null
  remaining_micros: number | null
  pending: readonly Pending[]
  turns: Readonly<Record<string, LiveTurn>>
  /** Answers being made anew: request id to the flow they replace. */
  anew: Readonly<Record<string, string>>
  /** Why the server ended the connection, in its words; only when it ended for good. */
  farewell: Refused | null
}

export const empty_chat: ChatState = {
  welcome: null,
  remaining_micros: null,
  pending: [],
  turns: {},
  anew: {},
  farewell: null,
}

export function applyServerFrame(state: ChatState, frame: ServerFrame): ChatState {
  if (isTurnFrame(frame)) return withTurnFrame(state, frame)
  switch (frame.type) {
    case "welcome":
      return withWelcome(state, frame)
    case "accepted":
      return withAccepted(state, frame)
    case "refused":
      return withRefused(state, frame)
    case "resumed":
      return frame.flow_id ? withTurn(state, frame.flow_id, frame.conversation_id) : state
    default:
      return state
  }
}

/** The turn is known from now on, so that stored parts of it give way to its frames. */
export function withTurn(state: ChatState, flow_id: string, conversation_id: string): ChatState {
  if (state.turns[flow_id]) return state
  const live = { turn: openTurn(flow_id, conversation_id), said: null, replaces: null, awaiting: false }
  return { ...state, turns: { ...state.turns, [flow_id]: live } }
}

/** A connection was lost: every open turn is asked for again, and waits to hear. */
export function withAwaiting(state: ChatState): ChatState {
  const turns = Object.fromEntries(
    Object.entries(state.turns).map(([id, live]) => [
      id,
      live.turn.ending ? live : { ...live, awaiting: true },
    ]),
  )
  return { ...state, turns }
}

/** Where the store knows how a turn ended and the wire does not, the stored answer takes its place. */
export function withStored(state: ChatState, stored: readonly MessageView[]): ChatState {
  const ended = new Set(stored.filter((message) => isOver(message)).map((message) => message.flow_id))
  const gone = Object.values(state.turns).filter(
    ({ turn, awaiting }) => awaiting && turn.ending === null && ended.has(turn.flow_id),
  )
  if (gone.length === 0) return state
  const turns = { ...state.turns }
  for (const { turn } of gone) delete turns[turn.flow_id]
  return { ...state, turns }
}

export function isAwaiting(state: ChatState, conversation_id: string | null): boolean {
  return Object.values(state.turns).some(
    (live) => live.awaiting && live.turn.conversation_id === conversation_id,
  )
}

/** The running turn of a conversation, as far as this browser knows. */
export function runningTurn(state: ChatState, conversation_id: string | null): Turn | null {
  const open = Object.values(state.turns).find(
    ({ turn }) => turn.conversation_id === conversation_id && turn.ending === null,
  )
  return open?.turn ?? null
}

function isOver({ turn }: MessageView): boolean {
  return turn !== null && turn.status !== "running"
}

/** A new connection: what was under way on the old one may or may not have arrived. */
function withWelcome(state: ChatState, frame: Welcome): ChatState {
  const pending = state.pending.map((one) => (one.sent && !one.refusal ? { ...one, unsure: true } : one))
  return { ...state, pending, welcome: frame, remaining_micros: frame.remaining_micros, farewell: null }
}

function withTurnFrame(state: ChatState, frame: TurnFrame): ChatState {
  const known = withTurn(state, frame.flow_id, frame.conversation_id)
  const live = known.turns[frame.flow_id] as LiveTurn
  const turn = applyFrame(live.turn, frame)
  if (turn === live.turn) return known
  const turns = { ...known.turns, [frame.flow_id]: { ...live, turn, awaiting: false } }
  const settled =
    turn.usage !== live.turn.usage && turn.usage ? turn.usage.remaining_micros : state.remaining_micros
  return { ...known, turns, remaining_micros: settled }
}

function withAccepted(state: ChatState, frame: Accepted): ChatState {
  const pending = state.pending.find((one) => one.id === frame.id)
  const known = withTurn(state, frame.flow_id, frame.conversation_id)
  const live = known.turns[frame.flow_id] as LiveTurn
  const said = pending ? { message_id: frame.message_id, text: pending.text } : live.said
  const replaces = state.anew[frame.id] ?? live.replaces
  const { [frame.id]: _, ...anew } = state.anew
  return {
    ...known,
    anew,
    pending: state.pending.filter((one) => one.id !== frame.id),
    turns: { ...known.turns, [frame.flow_id]: { ...live, said, replaces } },
  }
}

function withRefused(state: ChatState, frame: Refused): ChatState {
  if (!frame.id) return { ...state, farewell: frame }
  const { [frame.id]: _, ...anew } = state.anew
  const pending = state.pending.map((one) => (one.id === frame.id ? { ...one, refusal: frame } : one))
  return { ...state, anew, pending }
}
