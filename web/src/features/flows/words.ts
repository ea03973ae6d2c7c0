/** Statuses and sources in words, and the filters of a list as the URL holds them. */
import type { FlowStatus, Source } from "@/api/shapes"

export const sources: Record<Source, string> = { chat: "Chat", mcp: "MCP", api: "API" }

export const statuses: Record<FlowStatus, string> = {
  running: "Running",
  ok: "Done",
  denied: "Denied",
  blocked: "Blocked",
  failed: "Failed",
  cancelled: "Stopped",
  unknown: "Unknown",
}

export interface FlowsSearch {
  user?: string
  /** One or several outcomes, joined by commas. */
  status?: string
  source?: Source
  conversation?: string
  /** Only flows that began at this moment or later (RFC 3339). */
  since?: string
  q?: string
  /** The flow in the side peek. */
  peek?: string
  /** Flows picked to compare or export, joined by commas. */
  picked?: string
}

/** Keeps what is known and drops the rest, so that an old or mistyped address still shows a list. */
export function flowsSearch(search: Record<string, unknown>): FlowsSearch {
  const found: FlowsSearch = {}
  const text = (key: "user" | "conversation" | "q" | "peek" | "picked") => {
    const value = search[key]
    if (typeof value === "string" && value) found[key] = value
    if (typeof value === "number") found[key] = String(value)
  }
  text("user")
  text("conversation")
  text("q")
  text("peek")
  text("picked")
  const status = statusWords(statusesIn(search.status))
  if (status) found.status = status
  if (isKey(search.source, sources)) found.source = search.source
  if (typeof search.since === "string" && moment.test(search.since)) found.since = search.since
  return found
}

/** The whole query: what links name apart, and the text. */
export function queryOf({ user, status, source, conversation, since, q }: FlowsSearch): string {
  const parts = Object.entries({ user, status, source, conversation, since })
    .filter(([, value]) => value)
    .map(([key, value]) => `${key}:${value}`)
  return [...parts, ...(q ? [q] : [])].join(" ")
}

/** At most so many flows are picked at once. */
export const picked_limit = 100

export function pickedIn(picked: string | undefined): string[] {
  return picked ? [...new Set(picked.split(","))].slice(0, picked_limit) : []
}

/** The outcomes that a filter names, each once, in the order of the vocabulary. */
export function statusesIn(status: unknown): FlowStatus[] {
  const named = typeof status === "string" ? status.split(",") : Array.isArray(status) ? status : []
  return (Object.keys(statuses) as FlowStatus[]).filter((one) => named.includes(one))
}

/** The same outcomes as the URL holds them; undefined for none, which means any. */
export function statusWords(chosen: readonly FlowStatus[]): string | undefined {
  return chosen.length > 0 ? chosen.join(",") : undefined
}

const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/

function isKey<K extends string>(value: unknown, of: Record<K, string>): value is K {
  return typeof value === "string" && Object.hasOwn(of, value)
}
