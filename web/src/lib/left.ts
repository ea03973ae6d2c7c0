/** How long something still holds, in words. */
import { duration } from "./time"

const minute_ms = 60_000

export function leftWords(until: string, now_ms: number): string {
  const left_ms = Date.parse(until) - now_ms
  if (left_ms < minute_ms) return "under 1 min left"
  return `${duration(left_ms - (left_ms % minute_ms))} left`
}
