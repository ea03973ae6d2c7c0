/** One reconnecting socket: jittered back-off, silence on "not signed in" and "blocked", frames as typed values. */

export type SocketState = "connecting" | "open" | "waiting" | "ended"

export interface SocketEnd {
  code: number
  reason: string
}

export interface SocketOptions<In> {
  path: string
  onFrame: (frame: In) => void
  onState: (state: SocketState, end?: SocketEnd) => void
  /** For tests: how a socket is made, and a number in [0, 1). */
  make?: (url: string) => WebSocket
  random?: () => number
}

export interface Socket<Out> {
  /** False when the socket is not open: the frame was not sent. */
  send: (frame: Out) => boolean
  retryNow: () => void
  close: () => void
}

/** Close codes after which a client never comes back by itself. */
export const final_codes: readonly number[] = [4401, 4403]

const first_wait_ms = 400
const longest_wait_ms = 15_000
const ping_every_ms = 25_000

export function openSocket<In, Out extends { type: string }>(options: SocketOptions<In>): Socket<Out> {
  const make = options.make ?? ((url: string) => new WebSocket(url))
  const random = options.random ?? Math.random
  let socket: WebSocket | null = null
  let tries = 0
  let closed = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let ping: ReturnType<typeof setInterval> | undefined

  const connect = () => {
    clearTimeout(timer)
    options.onState("connecting")
    const mine = make(socketUrl(options.path))
    socket = mine
    mine.onopen = () => {
      ping = setInterval(() => mine.send(JSON.stringify({ type: "ping" })), ping_every_ms)
      options.onState("open")
    }
    mine.onmessage = (event: MessageEvent<string>) => {
      tries = 0
      options.onFrame(JSON.parse(event.data) as In)
    }
    mine.onclose = (event) => {
      clearInterval(ping)
      if (socket === mine) socket = null
      if (!closed) after(event)
    }
  }

  const after = (event: CloseEvent) => {
    const end = { code: event.code, reason: event.reason }
    if (final_codes.includes(event.code)) {
      closed = true
      options.onState("ended", end)
      return
    }
    options.onState("waiting", end)
    timer = setTimeout(connect, waitMs(tries, random()))
    tries += 1
  }

  connect()
  return {
    send: (frame) => {
      if (socket?.readyState !== 1) return false
      socket.send(JSON.stringify(frame))
      return true
    },
    retryNow: () => {
      if (!closed && !socket) connect()
    },
    close: () => {
      closed = true
      clearTimeout(timer)
      clearInterval(ping)
      socket?.close(1000)
    },
  }
}

/** Doubles from 0.4 s to 15 s; the jitter spreads a crowd that lost the same server. */
export function waitMs(tries: number, random: number): number {
  const full = Math.min(longest_wait_ms, first_wait_ms * 2 ** tries)
  return Math.round(full / 2 + (full / 2) * random)
}

function socketUrl(path: string): string {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:"
  return `${scheme}//${location.host}${path}`
}
