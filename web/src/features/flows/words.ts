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
  status?: FlowStatus
  source?: Source
  conversation?: string
  q?: string
  /** The flow in the side peek. */
  peek?: string
}

/** Keeps what is known and drops the rest, so that an old or mistyped address still shows a list. */
export function flowsSearch(search: Record<string, unknown>): FlowsSearch {
  const found: FlowsSearch = {}
  const text = (key: "user" | "conversation" | "q" | "peek") => {
    const value = search[key]
    if (typeof value === "string" && value) found[key] = value
    if (typeof value === "number") found[key] = String(value)
  }
  text("user")
  text("conversation")
  text("q")
  text("peek")
  if (isKey(search.status, statuses)) found.status = search.status
  if (isKey(search.source, sources)) found.source = search.source
  return found
}

function isKey<K extends string>(value: unknown, of: Record<K, string>): value is K {
  return typeof value === "string" && Object.hasOwn(of, value)
}
