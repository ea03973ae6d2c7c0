import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { openSocket, type SocketState, waitMs } from "./socket"

class FakeSocket {
  static made: FakeSocket[] = []
  readyState = 0
  sent: string[] = []
  onopen: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: ((event: { code: number; reason: string }) => void) | null = null

  constructor() {
    FakeSocket.made.push(this)
  }

  open() {
    this.readyState = 1
    this.onopen?.()
  }

  end(code: number) {
    this.readyState = 3
    this.onclose?.({ code, reason: "" })
  }

  send(data: string) {
    this.sent.push(data)
  }

  close() {
    this.end(1000)
  }
}

const last = () => FakeSocket.made.at(-1) as FakeSocket
const frames: unknown[] = []
const states: SocketState[] = []

function start() {
  return openSocket<unknown, { type: string }>({
    path: "/ws/chat",
    onFrame: (frame) => frames.push(frame),
    onState: (state) => states.push(state),
    make: () => new FakeSocket() as unknown as WebSocket,
    random: () => 0,
  })
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal("location", { protocol: "http:", host: "localhost" })
  FakeSocket.made = []
  frames.length = 0
  states.length = 0
})

afterEach(() => vi.useRealTimers())

test.each([1001, 1006, 1012, 1013, 4404, 4429])("after %d it waits and comes back", (code) => {
  start()
  last().open()
  last().end(code)
  expect(states.at(-1)).toBe("waiting")
  vi.runOnlyPendingTimers()
  expect(FakeSocket.made).toHaveLength(2)
})

test.each([4401, 4403])("after %d it never comes back by itself, not even when asked", (code) => {
  const socket = start()
  last().open()
  last().end(code)
  expect(states.at(-1)).toBe("ended")
  vi.runOnlyPendingTimers()
  socket.retryNow()
  expect(FakeSocket.made).toHaveLength(1)
})

test("a frame is refused, not lost in silence, while the socket is not open", () => {
  const socket = start()
  expect(socket.send({ type: "ping" })).toBe(false)
  last().open()
  expect(socket.send({ type: "ping" })).toBe(true)
  expect(last().sent).toEqual(['{"type":"ping"}'])
})

test("the waits double, stay bounded, and are spread by chance", () => {
  expect([0, 1, 2].map((tries) => waitMs(tries, 0))).toEqual([200, 400, 800])
  expect(waitMs(0, 0.999)).toBe(400)
  expect(waitMs(30, 0.999)).toBeLessThanOrEqual(15_000)
})

test("waits grow while the server only accepts and closes, and start over once it speaks", () => {
  start()
  last().open()
  last().end(1013)
  vi.advanceTimersByTime(200)
  last().open()
  last().end(1013)
  vi.advanceTimersByTime(399)
  expect(FakeSocket.made).toHaveLength(2)
  vi.advanceTimersByTime(1)
  last().open()
  last().onmessage?.({ data: '{"type":"welcome"}' })
  last().end(1001)
  vi.advanceTimersByTime(200)
  expect(FakeSocket.made).toHaveLength(4)
  expect(frames).toEqual([{ type: "welcome" }])
})

test("closing on purpose is final and says nothing", () => {
  const socket = start()
  last().open()
  const before = states.length
  socket.close()
  vi.runOnlyPendingTimers()
  expect(states).toHaveLength(before)
  expect(FakeSocket.made).toHaveLength(1)
})
