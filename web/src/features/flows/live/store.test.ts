import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { connectLive, pausePanels, showPanels, useLive } from "./store"

class Fake {
  static last: Fake
  sent: { type: string }[] = []
  readyState = 1
  onopen = () => {}
  onmessage = (_: { data: string }) => {}
  onclose = (_: { code: number; reason: string }) => {}

  constructor() {
    Fake.last = this
  }

  send(text: string) {
    this.sent.push(JSON.parse(text))
  }

  close() {
    this.readyState = 3
  }

  say(frame: object) {
    this.onmessage({ data: JSON.stringify(frame) })
  }
}

const page = { hidden: false, listener: () => {} }
let close = () => {}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal("WebSocket", Fake)
  vi.stubGlobal("location", { protocol: "http:", host: "here" })
  vi.stubGlobal("requestAnimationFrame", (then: () => void) => then())
  vi.stubGlobal("document", {
    get hidden() {
      return page.hidden
    },
    addEventListener: (_: string, listener: () => void) => {
      page.listener = listener
    },
    removeEventListener: () => {},
  })
  page.hidden = false
  close = connectLive()
})

afterEach(() => {
  close()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const step = (seq: number) => ({ type: "checkpoint", flow_id: "f1", user_id: "u1", seq, data: { kind: "x" } })
const draw = () => vi.advanceTimersByTime(150)
const snapshot = { type: "snapshot", user_id: "u1", flows: [], last: true }
const steps = () => useLive.getState().panels.u1?.record.get("f1")?.checkpoints.length ?? 0

function open(): Fake {
  showPanels(["u1"])
  Fake.last.onopen()
  return Fake.last
}

test("many frames are drawn once", () => {
  const socket = open()
  expect(socket.sent).toContainEqual({ type: "watch", user_ids: ["u1"], have: {} })
  let drawings = 0
  const stop = useLive.subscribe(() => {
    drawings += 1
  })
  for (let seq = 1; seq <= 50; seq++) socket.say(step(seq))
  draw()
  expect([steps(), drawings]).toEqual([50, 1])
  stop()
})

test("a hole and a gap are asked for once, with what is there", () => {
  const socket = open()
  socket.say(snapshot)
  for (const seq of [1, 2, 5]) socket.say(step(seq))
  draw()
  socket.say({ type: "gap", user_id: "u1", missed: 2 })
  socket.sent.length = 0
  vi.advanceTimersByTime(1_000)
  expect(socket.sent).toEqual([{ type: "watch", user_ids: ["u1"], have: { f1: 2 } }])
})

test("a hidden tab asks for silence, and catches up when it is seen again", () => {
  const socket = open()
  socket.say(step(1))
  draw()
  socket.sent.length = 0
  page.hidden = true
  page.listener()
  page.hidden = false
  page.listener()
  expect(socket.sent).toEqual([
    { type: "pause" },
    { type: "play" },
    { type: "watch", user_ids: ["u1"], have: { f1: 1 } },
  ])
})

test("after a cut it says what it has, and what was told twice is there once", () => {
  const first = open()
  first.say(step(1))
  first.say(step(2))
  draw()
  first.onclose({ code: 1006, reason: "" })
  vi.advanceTimersByTime(20_000)
  Fake.last.onopen()
  expect(Fake.last).not.toBe(first)
  expect(Fake.last.sent).toContainEqual({ type: "watch", user_ids: ["u1"], have: { f1: 2 } })
  for (const seq of [2, 3]) Fake.last.say(step(seq))
  draw()
  expect(steps()).toBe(3)
})

test("a panel that is closed is let go of, and one that cannot be watched says why", () => {
  const socket = open()
  showPanels(["u1", "u2"])
  socket.say({ type: "refused", code: "not_monitored", detail: "Not monitored.", status: 403, user_id: "u2" })
  expect(useLive.getState().panels.u2?.refused).toBe("Not monitored.")
  pausePanels(["u1"], true)
  expect(useLive.getState().panels.u1?.frozen).not.toBeNull()
  showPanels(["u2"])
  expect(socket.sent.at(-1)).toEqual({ type: "unwatch", user_ids: ["u1"] })
  expect(Object.keys(useLive.getState().panels)).toEqual(["u2"])
})

test("what the server cannot do now is asked for again", () => {
  const socket = open()
  socket.sent.length = 0
  socket.say({ type: "refused", code: "database_unavailable", detail: "Try again.", status: 503 })
  vi.advanceTimersByTime(1_000)
  expect(socket.sent).toEqual([{ type: "watch", user_ids: ["u1"], have: {} }])
  expect(useLive.getState().panels.u1?.refused).toBeNull()
})
