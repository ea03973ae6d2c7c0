/** Times of a query: the usual spans, around a moment, between two; in words, and as the query holds them. */
import { clock, momentWords } from "@/lib/time"
import { valuesOf, withValues } from "./query-text"

export interface Span {
  since?: string
  until?: string
}

export const usual_spans: readonly { words: string; since: string }[] = [
  { words: "Last hour", since: "1h" },
  { words: "Today", since: "today" },
  { words: "Last 24 hours", since: "24h" },
  { words: "Last 7 days", since: "7d" },
]

const around_ms = 5 * 60_000

export function spanOf(q: string): Span {
  const [since] = valuesOf(q, "since")
  const [until] = valuesOf(q, "until")
  return { ...(since ? { since } : {}), ...(until ? { until } : {}) }
}

export function withSpan(q: string, { since, until }: Span): string {
  return withValues(withValues(q, "since", since ? [since] : []), "until", until ? [until] : [])
}

/** Five minutes before and behind a moment, both as the reader's clock shows them. */
export function around(at: Date): Span {
  return { since: local(at.getTime() - around_ms), until: local(at.getTime() + around_ms) }
}

/** "2026-11-23T14:02" in the reader's zone, as a field for date and time holds it. */
export function local(at_ms: number): string {
  const at = new Date(at_ms)
  return new Date(at_ms - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

export function spanWords({ since, until }: Span, now: Date): string {
  if (!since && !until) return "Any time"
  const usual = usual_spans.find((one) => one.since === since)
  if (usual && !until) return usual.words
  const [from, to] = [momentIn(since), momentIn(until)]
  if (from && to && to.getTime() - from.getTime() === 2 * around_ms)
    return `Around ${momentWords(new Date(from.getTime() + around_ms), now)}`
  const begin = since && (from ? momentWords(from, now) : since)
  const end = until && (to ? endWords(from, to, now) : until)
  if (!begin) return `Before ${end}`
  return end ? `${capital(begin)} to ${end}` : `Since ${begin}`
}

/** On the day of its beginning an end needs no date. */
function endWords(from: Date | null, to: Date, now: Date): string {
  return from?.toDateString() === to.toDateString() ? clock(to) : momentWords(to, now)
}

/** The moment of a date or time as it is written; null for a time ago. */
export function momentIn(word: string | undefined): Date | null {
  if (!word || !/^\d{4}-\d\d-\d\d/.test(word)) return null
  const at = new Date(word.includes("T") ? word : `${word}T00:00`)
  return Number.isNaN(at.getTime()) ? null : at
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}
