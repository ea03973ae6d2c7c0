/** How long something still holds, in words. */
import { duration } from "./time"

const minute_ms = 60_000
const hour_ms = 60 * minute_ms
const day_ms = 24 * hour_ms

export function leftWords(until: string, now_ms: number): string {
  const left_ms = Date.parse(until) - now_ms
  if (left_ms < minute_ms) return "under 1 min left"
  if (left_ms >= 2 * day_ms) {
    const hours = Math.floor((left_ms % day_ms) / hour_ms)
    return `${Math.floor(left_ms / day_ms)} days${hours ? ` ${hours} h` : ""} left`
  }
  return `${duration(left_ms - (left_ms % minute_ms))} left`
}
