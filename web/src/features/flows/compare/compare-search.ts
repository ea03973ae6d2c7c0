/** What the URLs of comparing and of playing several flows hold. */

import { playheadIn } from "../flow-search"

export interface CompareSearch {
  a?: string
  b?: string
  /** From when on, and until when (RFC 3339); a day back and now when they are left out. */
  since?: string
  until?: string
}

export interface PlaybackSearch extends CompareSearch {
  /** Flow ids, joined by commas: each starts at nought. */
  flows?: string
  /** All flows of one conversation. */
  conversation?: string
  t?: number
}

const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/

export function compareSearch(search: Record<string, unknown>): CompareSearch {
  const found: CompareSearch = {}
  for (const key of ["a", "b"] as const) {
    const value = search[key]
    if (typeof value === "string" && value) found[key] = value
  }
  for (const key of ["since", "until"] as const) {
    const value = search[key]
    if (typeof value === "string" && moment.test(value)) found[key] = value
  }
  return found
}

export function playbackSearch(search: Record<string, unknown>): PlaybackSearch {
  const found: PlaybackSearch = compareSearch(search)
  for (const key of ["flows", "conversation"] as const) {
    const value = search[key]
    if (typeof value === "string" && value) found[key] = value
  }
  const t = playheadIn(search.t)
  if (t !== null) found.t = t
  return found
}

/** The two flows of an address "A...B"; null for the address of one flow. */
export function twoFlows(id: string): [string, string] | null {
  const [a, b, ...more] = id.split("...")
  return a && b && more.length === 0 ? [a, b] : null
}
