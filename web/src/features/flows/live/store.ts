/** The panels of the Live page over one socket: frames are gathered, and drawn a few times a second. */
import { create } from "zustand"
import { markBlocked, markExpired } from "@/api/session"
import { openSocket, type Socket, type SocketState } from "@/api/socket"
import type { WatchClientFrame, WatchRefused, WatchServerFrame } from "@/api/watch-frames"
import { have, missing, type RecordEvent } from "../apply"
import { fresh_panel, type PanelState, withEvents } from "./panel-state"

interface LiveStore {
  link: SocketState
  panels: Readonly<Record<string, PanelState>>
}

export const useLive = create<LiveStore>(() => ({ link: "connecting", panels: {} }))

let socket: Socket<WatchClientFrame> | null = null
const gathered = new Map<string, RecordEvent[]>()
const asked = new Map<string, ReturnType<typeof setTimeout>>()
let drawing: ReturnType<typeof setTimeout> | null = null
let drawn_at_ms = Number.NEGATIVE_INFINITY
let draw_took_ms = 0

const ask_again_ms = 300
/** Between two drawings; after a slow one as long again, so that half of the time is the reader's. */
const draw_every_ms = 120
const longest_pause_ms = 1_000

/** Opens the socket of the page; returns what closes it. */
export function connectLive(): () => void {
  socket = openSocket<WatchServerFrame, WatchClientFrame>({
    path: "/ws/watch",
    onFrame: receive,
    onState: (link, end) => {
      useLive.setState({ link })
      if (link === "open") resume()
      if (end?.code === 4401) markExpired()
    },
  })
  const onVisible = () => (document.hidden ? socket?.send({ type: "pause" }) : resume())
  document.addEventListener("visibilitychange", onVisible)
  return () => {
    document.removeEventListener("visibilitychange", onVisible)
    socket?.close()
    socket = null
    for (const timer of asked.values()) clearTimeout(timer)
    asked.clear()
    gathered.clear()
    if (drawing !== null) clearTimeout(drawing)
    drawing = null
    drawn_at_ms = Number.NEGATIVE_INFINITY
    draw_took_ms = 0
    useLive.setState({ link: "connecting", panels: {} })
  }
}

export function retryLive() {
  socket?.retryNow()
}

/** Shows exactly these users: new ones are watched, others are let go of, and stay monitored. */
export function showPanels(user_ids: readonly string[]) {
  const { panels } = useLive.getState()
  const gone = Object.keys(panels).filter((user_id) => !user_ids.includes(user_id))
  const added = user_ids.filter((user_id) => !(user_id in panels))
  if (gone.length === 0 && added.length === 0) return
  const kept = user_ids.map((user_id) => [user_id, panels[user_id] ?? fresh_panel] as const)
  useLive.setState({ panels: Object.fromEntries(kept) })
  if (gone.length > 0) socket?.send({ type: "unwatch", user_ids: gone })
  if (!document.hidden) for (const user_id of added) watch(user_id)
}

/** Asks again for a user who could not be watched before. */
export function watchAgain(user_id: string) {
  change(user_id, (panel) => ({ ...panel, refused: null }))
  watch(user_id)
}

export function pausePanels(user_ids: readonly string[], on: boolean) {
  for (const user_id of user_ids)
    change(user_id, (panel) => ({ ...panel, frozen: on ? (panel.frozen ?? panel.record) : null }))
}

function resume() {
  if (document.hidden) return
  socket?.send({ type: "play" })
  for (const user_id of Object.keys(useLive.getState().panels)) watch(user_id)
}

function watch(user_id: string) {
  const panel = useLive.getState().panels[user_id]
  if (panel) socket?.send({ type: "watch", user_ids: [user_id], have: have(panel.record) })
}

/** Several gaps and holes of a moment are one question. */
function askSoon(user_id: string) {
  if (asked.has(user_id) || document.hidden) return
  const ask = () => {
    asked.delete(user_id)
    watch(user_id)
  }
  asked.set(user_id, setTimeout(ask, ask_again_ms))
}

function receive(frame: WatchServerFrame) {
  switch (frame.type) {
    case "snapshot":
    case "checkpoint":
    case "flow":
      return gather(frame.user_id, frame)
    case "presence":
      return change(frame.user_id, (panel) => ({ ...panel, presence: frame }))
    case "gap":
      return askSoon(frame.user_id)
    case "refused":
      return refuse(frame)
    case "blocked":
      return markBlocked(frame.message)
  }
}

/** What the server cannot do at this moment is asked for again; what may not be is said in the panel. */
function refuse({ user_id, status, detail }: WatchRefused) {
  const { panels } = useLive.getState()
  if (status >= 500) for (const one of user_id ? [user_id] : Object.keys(panels)) askSoon(one)
  else if (user_id) change(user_id, (panel) => ({ ...panel, refused: detail }))
}

function gather(user_id: string, event: RecordEvent) {
  const events = gathered.get(user_id)
  if (events) events.push(event)
  else gathered.set(user_id, [event])
  if (drawing !== null) return
  const pause_ms = Math.min(longest_pause_ms, Math.max(draw_every_ms, draw_took_ms))
  drawing = setTimeout(draw, Math.max(0, drawn_at_ms + pause_ms - performance.now()))
}

function draw() {
  drawing = null
  const began_ms = performance.now()
  const { panels } = useLive.getState()
  const next = { ...panels }
  for (const [user_id, events] of gathered) {
    const panel = next[user_id]
    if (!panel) continue
    const loaded = panel.loaded || events.some((event) => event.type === "snapshot" && isLast(event))
    next[user_id] = { ...withEvents(panel, events), loaded, refused: null }
    if (loaded && Object.keys(missing(next[user_id].record)).length > 0) askSoon(user_id)
  }
  gathered.clear()
  useLive.setState({ panels: next })
  // Layout and paint come behind the first frame's callbacks: the second frame ends the drawing.
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      drawn_at_ms = performance.now()
      draw_took_ms = drawn_at_ms - began_ms
    }),
  )
}

function isLast(event: RecordEvent & { type: "snapshot" }): boolean {
  return "last" in event && event.last === true
}

function change(user_id: string, to: (panel: PanelState) => PanelState) {
  useLive.setState(({ panels }) => {
    const panel = panels[user_id]
    return panel ? { panels: { ...panels, [user_id]: to(panel) } } : {}
  })
}
