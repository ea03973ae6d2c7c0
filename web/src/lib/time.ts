/** Times in words: relative for reading, exact UTC for proof, durations for figures. */

const minute_ms = 60_000
const hour_ms = 60 * minute_ms
const day_ms = 24 * hour_ms

/** "just now", "3 min ago", "in 2 h", "yesterday 14:05", else the date in the reader's zone. */
export function relativeTime(at: Date, now: Date): string {
  const ago_ms = now.getTime() - at.getTime()
  const far_ms = Math.abs(ago_ms)
  if (far_ms < 45_000) return "just now"
  if (far_ms < hour_ms) return inWords(ago_ms, Math.round(far_ms / minute_ms), "min")
  if (far_ms < 12 * hour_ms) return inWords(ago_ms, Math.round(far_ms / hour_ms), "h")
  const days = calendarDaysBetween(at, now)
  if (days === 0) return `today ${clock(at)}`
  if (days === 1) return `yesterday ${clock(at)}`
  if (days === -1) return `tomorrow ${clock(at)}`
  return shortDate(at, now)
}

/** "today 00:00", "yesterday 14:05", "3 Mar 14:05": a moment that stays where it is. */
export function momentWords(at: Date, now: Date): string {
  const days = calendarDaysBetween(at, now)
  if (days === 0) return `today ${clock(at)}`
  if (days === 1) return `yesterday ${clock(at)}`
  return `${shortDate(at, now)} ${clock(at)}`
}

/** "2026-11-22 14:05:09.120 UTC" */
export function exactUtc(at: Date): string {
  const iso = at.toISOString()
  return `${iso.slice(0, 10)} ${iso.slice(11, 23)} UTC`
}

/** "84 ms", "2.4 s", "3 min 12 s", "2 h 5 min" */
export function duration(ms: number): string {
  if (ms < 1) return "<1 ms"
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return joined(Math.floor(seconds / 60), "min", seconds % 60, "s")
  const minutes = Math.round(seconds / 60)
  return joined(Math.floor(minutes / 60), "h", minutes % 60, "min")
}

/** Whole calendar days from `at` to `now` in the reader's zone; negative when `at` is ahead. */
export function calendarDaysBetween(at: Date, now: Date): number {
  return Math.round((midnight(now) - midnight(at)) / day_ms)
}

export function clock(at: Date): string {
  return at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })
}

function shortDate(at: Date, now: Date): string {
  const year = at.getFullYear() === now.getFullYear() ? undefined : "numeric"
  return at.toLocaleDateString("en-GB", { day: "numeric", month: "short", year })
}

function inWords(ago_ms: number, n: number, unit: string): string {
  return ago_ms > 0 ? `${n} ${unit} ago` : `in ${n} ${unit}`
}

function joined(a: number, a_unit: string, b: number, b_unit: string): string {
  return b ? `${a} ${a_unit} ${b} ${b_unit}` : `${a} ${a_unit}`
}

function midnight(at: Date): number {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime()
}
