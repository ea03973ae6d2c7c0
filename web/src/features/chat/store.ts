/** The chat's live state and what a person can do to it; the socket hangs on it while the shell is open. */
import { create } from "zustand"
import type { Accepted, ClientFrame, Refused, ServerFrame } from "@/api/frames"
import { markBlocked, markExpired } from "@/api/session"
import { openSocket, type Socket, type SocketState } from "@/api/socket"
import { toast } from "@/ui/toast"
import { applyServerFrame, type ChatState, empty_chat, type Pending, withAwaiting } from "./state"
import { hasHole } from "./turn"

interface ChatStore extends ChatState {
  link: SocketState
}

export const useChat = create<ChatStore>(() => ({ ...empty_chat, link: "connecting" }))

let socket: Socket<ClientFrame> | null = null
const waiting = new Map<string, (outcome: Accepted | Refused) => void>()

/** What others than the chat have to do when something comes over the socket. */
export interface Hearers {
  /** The connection was lost and is back. */
  onBack: () => void
  /** A turn ended that settled nothing, so that it does not tell what is left of the credits. */
  onUnsettled: () => void
}

/** Opens the one chat socket; returns what closes it and forgets the person. */
export function connectChat(hearers: Hearers): () => void {
  socket = openSocket<ServerFrame, ClientFrame>({
    path: "/ws/chat",
    onFrame: (frame) => receive(frame, hearers),
    onState: (link, end) => {
      useChat.setState({ link })
      if (end?.code === 4401) markExpired()
    },
  })
  return () => {
    socket?.close()
    socket = null
    waiting.clear()
    useChat.setState({ ...empty_chat, link: "connecting" })
  }
}

export function reconnectNow() {
  socket?.retryNow()
}

/** Says something; resolves when the server has taken or refused it. Offline it waits and is sent on return. */
export function say(
  text: string,
  conversation_id: string | null,
  model: string | null,
): Promise<Accepted | Refused> {
  const pending: Pending = {
    id: newId(),
    conversation_id,
    text,
    model,
    sent: false,
    unsure: false,
    refusal: null,
  }
  useChat.setState((state) => ({ pending: [...state.pending, pending] }))
  const outcome = outcomeOf(pending.id)
  flush()
  return outcome
}

export function regenerate(message_id: string, flow_id: string): Promise<Accepted | Refused> {
  const id = newId()
  useChat.setState((state) => ({ anew: { ...state.anew, [id]: flow_id } }))
  const outcome = outcomeOf(id)
  socket?.send({ type: "regenerate", id, message_id })
  return outcome
}

export function stop(flow_id: string) {
  socket?.send({ type: "stop", flow_id })
}

export function dismiss(pending_id: string) {
  useChat.setState((state) => ({ pending: state.pending.filter((one) => one.id !== pending_id) }))
}

/** Asks for the frames of a running turn after `n`; those already seen are dropped when they come again. */
export function resume(conversation_id: string, flow_id: string, after: number) {
  socket?.send({ type: "resume", conversation_id, flow_id, after })
}

function receive(frame: ServerFrame, { onBack, onUnsettled }: Hearers) {
  const back = frame.type === "welcome" && useChat.getState().welcome !== null
  useChat.setState((state) => applyServerFrame(state, frame))
  switch (frame.type) {
    case "welcome":
      flush()
      resumeOpenTurns()
      if (back) onBack()
      return
    case "accepted":
      settle(frame.id, frame)
      return
    case "refused":
      if (frame.id) settle(frame.id, frame)
      else if (frame.code === "deactivated") markBlocked(frame.detail)
      return
    case "warning":
      toast.failed(frame.detail)
      return
    case "blocked":
      markBlocked(frame.message)
      return
    case "gap":
      resumeFlow(frame.flow_id)
      return
    default:
      if (frame.type === "usage" && frame.remaining_micros === null) onUnsettled()
      if ("n" in frame) resumeAcrossHole(frame.flow_id)
  }
}

function flush() {
  for (const one of useChat.getState().pending) {
    if (one.sent || one.refusal) continue
    const { id, conversation_id, text, model } = one
    if (!socket?.send({ type: "say", id, conversation_id, text, model })) return
    useChat.setState((state) => ({
      pending: state.pending.map((each) => (each.id === id ? { ...each, sent: true } : each)),
    }))
  }
}

function resumeOpenTurns() {
  useChat.setState(withAwaiting)
  for (const { turn } of Object.values(useChat.getState().turns)) {
    if (!turn.ending) resumeFlow(turn.flow_id)
  }
}

/** One question a hole: the first frame beyond it asks, those that follow wait with it. */
function resumeAcrossHole(flow_id: string) {
  const turn = useChat.getState().turns[flow_id]?.turn
  if (turn && hasHole(turn) && turn.held.size === 1) resumeFlow(flow_id)
}

function resumeFlow(flow_id: string) {
  const turn = useChat.getState().turns[flow_id]?.turn
  if (turn) resume(turn.conversation_id, flow_id, turn.seen)
}

function outcomeOf(id: string): Promise<Accepted | Refused> {
  return new Promise((resolve) => waiting.set(id, resolve))
}

function settle(id: string, outcome: Accepted | Refused) {
  waiting.get(id)?.(outcome)
  waiting.delete(id)
}

function newId(): string {
  const random = crypto.getRandomValues(new Uint8Array(16))
  return [...random].map((byte) => byte.toString(16).padStart(2, "0")).join("")
}
