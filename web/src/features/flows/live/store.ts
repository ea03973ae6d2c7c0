/** The panels of the Live page over one socket: frames are gathered, and drawn together on a frame of the screen. */
import { create } from "zustand"
import { markBlocked, markExpired } from "@/api/session"
import { openSocket, type Socket, type SocketState } from "@/api/socket"
import type { WatchClientFrame, WatchRefused, WatchServerFrame } from "@/api/watch-frames"
import { have, missing, nothing, type RecordEvent } from "../apply"
import { fresh_panel, type PanelState, withEvents } from "./panel-state"
import { isUnseen, panelsNow, putPanels } from "./panel-store"

export const useLink = create<{ link: SocketState }>(() => ({ link: "connecting" }))

let socket: Socket<WatchClientFrame> | null = null
const gathered = new Map<string, RecordEvent[]>()
const asked = new Map<string, ReturnType<typeof setTimeout>>()
/** How many steps came of whom since somebody looked. */
const heard = new Map<string, number>()
let drawing: number | null = null
let later: ReturnType<typeof setTimeout> | null = null

const ask_again_ms = 300
/** Flows that one question may name. */
const most_known = 900
/** Steps between two looks, of all panels and of one, from which on that one shows what is new and no more. */
const busy_from = { all: 75, one: 4 }
const look_every_ms = 500
/** What only panels beyond the screen are told may wait so long: it is then one drawing instead of many. */
const unseen_ms = 250

/** Opens the socket of the page; returns what closes it. */
export function connectLive(): () => void {
  socket = openSocket<WatchServerFrame, WatchClientFrame>({
    path: "/ws/watch",
    onFrame: receive,
    onState: (link, end) => {
      useLink.setState({ link })
      if (link === "open") resume()
      if (end?.code === 4401) markExpired()
    },
  })
  const looking = setInterval(mindBusy, look_every_ms)
  const onVisible = () => (document.hidden ? socket?.send({ type: "pause" }) : resume())
  document.addEventListener("visibilitychange", onVisible)
  return () => {
    document.removeEventListener("visibilitychange", onVisible)
    clearInterval(looking)
    heard.clear()
    socket?.close()
    socket = null
    for (const timer of asked.values()) clearTimeout(timer)
    asked.clear()
    gathered.clear()
    if (drawing !== null) cancelAnimationFrame(drawing)
    drawing = null
    if (later !== null) clearTimeout(later)
    later = null
    useLink.setState({ link: "connecting" })
    putPanels(new Map())
  }
}

export function retryLive() {
  socket?.retryNow()
}

/** Shows exactly these users: new ones are watched, others are let go of, and stay monitored. */
export function showPanels(user_ids: readonly string[]) {
  const panels = panelsNow()
  const gone = [...panels.keys()].filter((user_id) => !user_ids.includes(user_id))
  const added = user_ids.filter((user_id) => !panels.has(user_id))
  if (gone.length === 0 && added.length === 0) return
  putPanels(new Map(user_ids.map((user_id) => [user_id, panels.get(user_id) ?? fresh_panel])))
  if (gone.length > 0) socket?.send({ type: "unwatch", user_ids: gone })
  if (!document.hidden) watch(added)
}

/** Asks again for a user who could not be watched before. */
export function watchAgain(user_id: string) {
  change(user_id, (panel) => ({ ...panel, refused: null }))
  watch([user_id])
}

export function pausePanels(user_ids: readonly string[], on: boolean) {
  for (const user_id of user_ids)
    change(user_id, (panel) => ({ ...panel, frozen: on ? (panel.frozen ?? panel.record) : null }))
}

function resume() {
  if (document.hidden) return
  socket?.send({ type: "play" })
  watch([...panelsNow().keys()])
}

/** A few people a question, so that what is there of them is not too long for one. */
function watch(user_ids: readonly string[]) {
  let part: { user_ids: string[]; have: Record<string, number> } = { user_ids: [], have: {} }
  const send = () => {
    if (part.user_ids.length > 0) socket?.send({ type: "watch", ...part, packed: true })
    part = { user_ids: [], have: {} }
  }
  for (const user_id of user_ids) {
    const known = have(panelsNow().get(user_id)?.record ?? nothing)
    if (Object.keys({ ...part.have, ...known }).length > most_known) send()
    part.user_ids.push(user_id)
    Object.assign(part.have, known)
  }
  send()
}

/** Several gaps and holes of a moment are one question. */
function askSoon(user_id: string) {
  if (asked.has(user_id) || document.hidden) return
  const ask = () => {
    asked.delete(user_id)
    if (panelsNow().has(user_id)) watch([user_id])
  }
  asked.set(user_id, setTimeout(ask, ask_again_ms))
}

function receive(frame: WatchServerFrame) {
  switch (frame.type) {
    case "frames":
      return frame.frames.forEach(receive)
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
  if (status >= 500) for (const one of user_id ? [user_id] : panelsNow().keys()) askSoon(one)
  else if (user_id) change(user_id, (panel) => ({ ...panel, refused: detail }))
}

function gather(user_id: string, event: RecordEvent) {
  if (event.type === "checkpoint") heard.set(user_id, (heard.get(user_id) ?? 0) + 1)
  const events = gathered.get(user_id)
  if (events) events.push(event)
  else gathered.set(user_id, [event])
  if (!isUnseen(user_id)) drawSoon()
  else
    later ??= setTimeout(() => {
      later = null
      drawSoon()
    }, unseen_ms)
}

/** One drawing at a time, and none in a tab that nobody sees. */
function drawSoon() {
  drawing ??= requestAnimationFrame(draw)
}

function draw() {
  const next = new Map(panelsNow())
  for (const [user_id, events] of gathered) {
    const panel = next.get(user_id)
    if (!panel) continue
    const loaded = panel.loaded || events.some((event) => event.type === "snapshot" && isLast(event))
    const changed = { ...withEvents(panel, events), loaded, refused: null }
    next.set(user_id, changed)
    if (loaded && Object.keys(missing(changed.record)).length > 0) askSoon(user_id)
  }
  gathered.clear()
  putPanels(next)
  // Layout and paint come behind this frame's callbacks: the next frame begins when they are done.
  drawing = requestAnimationFrame(() => {
    drawing = null
    if (gathered.size > 0) drawSoon()
  })
}

/** In one go: a panel that is as busy as before is not told of. */
function mindBusy() {
  const next = new Map(panelsNow())
  const all = [...heard.values()].reduce((sum, n) => sum + n, 0)
  for (const [user_id, panel] of next) {
    const busy = all >= busy_from.all && (panel.busy || (heard.get(user_id) ?? 0) >= busy_from.one)
    if (busy !== panel.busy) next.set(user_id, { ...panel, busy })
  }
  heard.clear()
  putPanels(next)
}

function isLast(event: RecordEvent & { type: "snapshot" }): boolean {
  return "last" in event && event.last === true
}

function change(user_id: string, to: (panel: PanelState) => PanelState) {
  const panel = panelsNow().get(user_id)
  if (panel) putPanels(new Map(panelsNow()).set(user_id, to(panel)))
}
