import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { onPanel, outOfSight, panelsNow } from "./panel-store"
import { connectLive, pausePanels, showPanels } from "./store"

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
let frames: (() => void)[] = []
let close = () => {}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal("WebSocket", Fake)
  vi.stubGlobal("location", { protocol: "http:", host: "here" })
  frames = []
  vi.stubGlobal("requestAnimationFrame", (then: () => void) => frames.push(then))
  vi.stubGlobal("cancelAnimationFrame", () => {})
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
/** One frame of the screen. */
const frame = () => {
  const waiting = frames
  frames = []
  for (const then of waiting) then()
}
const draw = () => {
  frame()
  frame()
}
const snapshot = { type: "snapshot", user_id: "u1", flows: [], last: true }
const steps = () => panelsNow().get("u1")?.record.get("f1")?.checkpoints.length ?? 0

function open(): Fake {
  showPanels(["u1"])
  Fake.last.onopen()
  return Fake.last
}

test("many frames are drawn once, on the next frame of the screen", () => {
  const socket = open()
  expect(socket.sent).toContainEqual({ type: "watch", user_ids: ["u1"], have: {}, packed: true })
  let drawings = 0
  const stop = onPanel("u1", () => {
    drawings += 1
  })
  for (let seq = 1; seq <= 50; seq++) socket.say(step(seq))
  expect([steps(), drawings]).toEqual([0, 0])
  draw()
  expect([steps(), drawings]).toEqual([50, 1])
  stop()
})

test("while one drawing is laid out and painted no other begins, and what came meanwhile is in the next", () => {
  const socket = open()
  socket.say(step(1))
  frame()
  for (const seq of [2, 3]) socket.say(step(seq))
  expect(steps()).toBe(1)
  frame()
  expect(steps()).toBe(1)
  frame()
  expect(steps()).toBe(3)
})

test("what comes for a panel beyond the screen waits a moment, unless something else is drawn", () => {
  const socket = open()
  showPanels(["u1", "u2"])
  const inSight = outOfSight("u1")
  for (const seq of [1, 2]) socket.say(step(seq))
  expect(frames).toHaveLength(0)
  vi.advanceTimersByTime(250)
  draw()
  expect(steps()).toBe(2)
  socket.say(step(3))
  socket.say({ ...step(1), user_id: "u2", flow_id: "f2" })
  draw()
  expect(steps()).toBe(3)
  inSight()
  socket.say(step(4))
  draw()
  expect(steps()).toBe(4)
})

test("a panel is told of its own steps alone", () => {
  const socket = open()
  showPanels(["u1", "u2"])
  const before = panelsNow().get("u2")
  let told = 0
  const stop = onPanel("u2", () => {
    told += 1
  })
  for (let seq = 1; seq <= 5; seq++) {
    socket.say(step(seq))
    draw()
  }
  expect(steps()).toBe(5)
  expect([told, panelsNow().get("u2")]).toEqual([0, before])
  stop()
})

test("frames that come as one are taken one by one", () => {
  const socket = open()
  socket.say({ type: "frames", frames: [snapshot, step(1), step(2)] })
  draw()
  expect([steps(), panelsNow().get("u1")?.loaded]).toEqual([2, true])
})

test("a panel is busy while very many steps come, and calm a moment after", () => {
  const socket = open()
  for (let seq = 1; seq <= 40; seq++) socket.say(step(seq))
  vi.advanceTimersByTime(500)
  expect(panelsNow().get("u1")?.busy).toBe(false)
  for (let seq = 41; seq <= 200; seq++) socket.say(step(seq))
  vi.advanceTimersByTime(500)
  expect(panelsNow().get("u1")?.busy).toBe(true)
  for (let n = 0; n < 100; n++) socket.say({ ...step(1), user_id: "u2", flow_id: `f${n}` })
  vi.advanceTimersByTime(500)
  expect(panelsNow().get("u1")?.busy).toBe(true)
  const before = panelsNow().get("u1")
  socket.say(step(201))
  vi.advanceTimersByTime(500)
  expect(panelsNow().get("u1")).toEqual({ ...before, busy: false })
})

test("many people are asked for in one question, and in more where one would be too long", () => {
  const socket = open()
  const people = Array.from({ length: 50 }, (_, i) => `p${i}`)
  showPanels(people)
  expect(socket.sent.at(-1)).toEqual({ type: "watch", user_ids: people, have: {}, packed: true })
  for (const user_id of people)
    for (let i = 0; i < 30; i++) socket.say({ ...step(1), user_id, flow_id: `${user_id} ${i}` })
  draw()
  socket.sent.length = 0
  page.listener()
  const asked = socket.sent.filter(({ type }) => type === "watch") as unknown as {
    user_ids: string[]
    have: object
  }[]
  expect(asked.flatMap(({ user_ids }) => user_ids)).toEqual(people)
  expect(asked.map((one) => Object.keys(one.have).length)).toEqual([900, 600])
})

test("a hole and a gap are asked for once, with what is there", () => {
  const socket = open()
  socket.say(snapshot)
  for (const seq of [1, 2, 5]) socket.say(step(seq))
  draw()
  socket.say({ type: "gap", user_id: "u1", missed: 2 })
  socket.sent.length = 0
  vi.advanceTimersByTime(1_000)
  expect(socket.sent).toEqual([{ type: "watch", user_ids: ["u1"], have: { f1: 2 }, packed: true }])
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
    { type: "watch", user_ids: ["u1"], have: { f1: 1 }, packed: true },
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
  expect(Fake.last.sent).toContainEqual({ type: "watch", user_ids: ["u1"], have: { f1: 2 }, packed: true })
  for (const seq of [2, 3]) Fake.last.say(step(seq))
  draw()
  expect(steps()).toBe(3)
})

test("a panel that is closed is let go of, and one that cannot be watched says why", () => {
  const socket = open()
  showPanels(["u1", "u2"])
  socket.say({ type: "refused", code: "not_monitored", detail: "Not monitored.", status: 403, user_id: "u2" })
  expect(panelsNow().get("u2")?.refused).toBe("Not monitored.")
  pausePanels(["u1"], true)
  expect(panelsNow().get("u1")?.frozen).not.toBeNull()
  showPanels(["u2"])
  expect(socket.sent.at(-1)).toEqual({ type: "unwatch", user_ids: ["u1"] })
  expect([...panelsNow().keys()]).toEqual(["u2"])
})

test("what the server cannot do now is asked for again", () => {
  const socket = open()
  socket.sent.length = 0
  socket.say({ type: "refused", code: "database_unavailable", detail: "Try again.", status: 503 })
  vi.advanceTimersByTime(1_000)
  expect(socket.sent).toEqual([{ type: "watch", user_ids: ["u1"], have: {}, packed: true }])
  expect(panelsNow().get("u1")?.refused).toBeNull()
})
