/** The clock of a player: where it stands, how fast it runs, where it goes next. */
import { momentAt, shownAt } from "../time-map"
import type { Mark, Score } from "./score"

export const speeds = [0.5, 1, 2, 4, 8] as const

export interface Clock {
  /** A moment of the score, in ms. */
  at_ms: number
  playing: boolean
  speed: number
  /** Long pauses are run through as short as they are shown. */
  skips_idle: boolean
}

export function clockAt({ map }: Score, t_ms: number): Clock {
  const at_ms = Math.min(map.end_ms, map.start_ms + t_ms)
  return { at_ms, playing: false, speed: 1, skips_idle: true }
}

/** The clock `passed_ms` later by the watch of the person who looks on; it stops at the end. */
export function advanced(clock: Clock, { map }: Score, passed_ms: number): Clock {
  if (!clock.playing) return clock
  const go_ms = passed_ms * clock.speed
  const at_ms = clock.skips_idle
    ? momentAt(map, shownAt(map, clock.at_ms) + go_ms)
    : Math.min(map.end_ms, clock.at_ms + go_ms)
  return { ...clock, at_ms, playing: at_ms < map.end_ms }
}

/** Play starts over where it had come to the end. */
export function toggled(clock: Clock, { map }: Score): Clock {
  const over = clock.at_ms >= map.end_ms
  return { ...clock, playing: !clock.playing, at_ms: !clock.playing && over ? map.start_ms : clock.at_ms }
}

export function sought(clock: Clock, { map }: Score, at_ms: number): Clock {
  return { ...clock, playing: false, at_ms: Math.min(map.end_ms, Math.max(map.start_ms, at_ms)) }
}

/** By so many ms as they are shown, so that a pause is no obstacle. */
export function nudged(clock: Clock, score: Score, by_ms: number): Clock {
  return sought(clock, score, momentAt(score.map, shownAt(score.map, clock.at_ms) + by_ms))
}

/** To the next moment at which something happened, or the one before. */
export function stepped(clock: Clock, score: Score, by: 1 | -1): Clock {
  const times = score.moments.map((moment) => moment.at_ms)
  const next = by > 0 ? times.find((at) => at > clock.at_ms) : times.findLast((at) => at < clock.at_ms)
  return sought(clock, score, next ?? (by > 0 ? score.map.end_ms : score.map.start_ms))
}

/** The next mark of something that is not well; from the last on the first one again. */
export function nextProblem(clock: Clock, { marks }: Score): Mark | undefined {
  const problems = marks.filter(({ tone }) => tone !== "approval")
  return problems.find(({ at_ms }) => at_ms > clock.at_ms) ?? problems[0]
}

export function faster(clock: Clock, by: 1 | -1): Clock {
  const at = speeds.indexOf(clock.speed as (typeof speeds)[number])
  return { ...clock, speed: speeds[Math.min(speeds.length - 1, Math.max(0, at + by))] ?? 1 }
}
