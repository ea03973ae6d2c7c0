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

export function compareSearch(search: Record<string, unknown>): CompareSearch {
  return texts(search, ["a", "b", "since", "until"])
}

export function playbackSearch(search: Record<string, unknown>): PlaybackSearch {
  const t = playheadIn(search.t)
  return {
    ...texts(search, ["a", "b", "since", "until", "flows", "conversation"]),
    ...(t === null ? {} : { t }),
  }
}

function texts(search: Record<string, unknown>, keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    keys.flatMap((key) => (typeof search[key] === "string" && search[key] ? [[key, search[key]]] : [])),
  )
}

/** The two flows of an address "A...B"; null for the address of one flow. */
export function twoFlows(id: string): [string, string] | null {
  const [a, b, ...more] = id.split("...")
  return a && b && more.length === 0 ? [a, b] : null
}
