/** The waterfall of a flow: a bar a step on a scale without long pauses, lanes for what runs at once, a minimap. */
import { duration } from "@/lib/time"
import type { Step } from "./steps"
import { opensByItself } from "./steps"
import { shownAt, type TimeMap, timeMap } from "./time-map"

export interface Bar {
  step: Step
  /** From where to where it is shown, in ms of the scale. */
  from: number
  to: number
  /** 0 for the first of those that run at once. */
  lane: number
}

export interface Waterfall {
  map: TimeMap
  bars: readonly Bar[]
  lanes: number
}

/** The part of the scale that is in view, in ms as shown. */
export interface Zoom {
  from: number
  to: number
}

export interface MiniColumn {
  /** How many steps run there, of the most that run anywhere: 0 to 1. */
  height: number
  kind: string
  problem: boolean
}

export function waterfall(steps: readonly Step[]): Waterfall {
  const last_ms = steps.reduce((most, step) => Math.max(most, step.end_ms), 0)
  const spans = steps.map((step) => ({ start_ms: step.start_ms, end_ms: endOf(step, last_ms) }))
  const map = timeMap(spans)
  const ends: number[] = []
  const bars = steps.map((step, i): Bar => {
    const from = shownAt(map, step.start_ms)
    const to = shownAt(map, spans[i]?.end_ms ?? step.end_ms)
    const free = ends.findIndex((end) => end <= from)
    const lane = free < 0 ? ends.length : free
    ends[lane] = to
    return { step, from, to, lane }
  })
  return { map, bars, lanes: ends.length }
}

/** What runs in the part in view; without one everything. */
export function inView(bars: readonly Bar[], zoom: Zoom | null): readonly Bar[] {
  return zoom ? bars.filter(({ from, to }) => to >= zoom.from && from <= zoom.to) : bars
}

/** Equal steps of time for the ruler, about `n` of them, each at a round figure. */
export function ticks({ from, to }: Zoom, n = 6): number[] {
  const rough = Math.max(1e-6, (to - from) / n)
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? power * 10
  const found: number[] = []
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) found.push(at)
  return found
}

/** "0", "0.2 ms", "1.5 s": as exact as the ruler is fine. */
export function tickWords(at_ms: number, { from, to }: Zoom): string {
  if (at_ms === 0) return "0"
  const seen = to - from
  if (seen < 10) return `${Number(at_ms.toFixed(seen < 0.1 ? 3 : seen < 1 ? 2 : 1))} ms`
  return duration(at_ms)
}

/** A part of the scale that lies within it and is not too short to be seen. */
export function zoomed(a: number, b: number, shown_ms: number): Zoom | null {
  const from = Math.max(0, Math.min(a, b))
  const to = Math.min(shown_ms, Math.max(a, b))
  return to - from < shown_ms / 5_000 || (from <= 0 && to >= shown_ms) ? null : { from, to }
}

/** The whole flow in `n` columns: how much runs there, and whether something is not well. */
export function minimap({ bars, map }: Waterfall, n: number): MiniColumn[] {
  const counts = new Array<number>(n).fill(0)
  const kinds = new Array<string>(n).fill("")
  const problems = new Array<boolean>(n).fill(false)
  for (const { step, from, to } of bars) {
    const first = column(from, map.shown_ms, n)
    const last = column(to, map.shown_ms, n)
    for (let at = first; at <= last; at += 1) {
      counts[at] = (counts[at] ?? 0) + 1
      kinds[at] ||= step.kind
      if (opensByItself(step) && step.kind !== "done") problems[at] = true
    }
  }
  const most = counts.reduce((a, b) => Math.max(a, b), 1)
  return counts.map((count, i) => ({
    height: count / most,
    kind: kinds[i] ?? "",
    problem: problems[i] ?? false,
  }))
}

function column(shown: number, whole: number, n: number): number {
  return Math.min(n - 1, Math.max(0, Math.floor((shown / whole) * n)))
}

/** What has not completed reaches to the end of what is known. */
function endOf({ end_ms, verdict, second }: Step, last_ms: number): number {
  return verdict === "running" && second === null ? last_ms : end_ms
}
