/** The settings of a server as they are typed in, and what of them differs from what is stored. */
import type { ServerPatch, ServerView } from "@/api/shapes"
import { commandLine, pairsOf, urlOf, wordsOf } from "./draft"

export interface Settings {
  title: string
  way: string
  bearer: string
  /** Headers or variables of the environment that take the place of the stored ones, one a line. */
  pairs: string
  allow_private: boolean
  timeout_s: string
  concurrency: string
  isolation: ServerView["isolation"]
  new_tools: ServerView["new_tools"]
}

export function settingsOf(server: ServerView): Settings {
  return {
    title: server.title,
    way: server.url ?? commandLine(server.command ?? []),
    bearer: "",
    pairs: "",
    allow_private: server.allow_private,
    timeout_s: String(server.timeout_ms / 1000),
    concurrency: String(server.concurrency),
    isolation: server.isolation,
    new_tools: server.new_tools,
  }
}

/** What cannot be meant, by field. */
export function wrongIn({ timeout_s, concurrency }: Settings): { timeout_s?: string; concurrency?: string } {
  const seconds = Number(timeout_s)
  const calls = Number(concurrency)
  return {
    ...(seconds >= 0.1 && seconds <= 600 ? {} : { timeout_s: "Give seconds, from 0.1 to 600." }),
    ...(Number.isInteger(calls) && calls >= 1 && calls <= 1000
      ? {}
      : { concurrency: "Give a whole number, from 1 to 1000." }),
  }
}

/** As saved, but for what was typed on while it was being saved. */
export function caughtUp(now: Settings, sent: Settings, saved: Settings): Settings {
  const typed = Object.entries(now).filter(([field, text]) => text !== sent[field as keyof Settings])
  return { ...saved, ...Object.fromEntries(typed) }
}

/** Only what differs from what is stored. */
export function patchOf(server: ServerView, draft: Settings): ServerPatch {
  const before = settingsOf(server)
  const patch: ServerPatch = {}
  if (draft.title.trim() !== before.title) patch.title = draft.title.trim()
  if (draft.bearer.trim()) patch.bearer = draft.bearer.trim()
  Object.assign(patch, wayOf(server.transport !== "stdio", draft, before))
  if (draft.allow_private !== before.allow_private) patch.allow_private = draft.allow_private
  if (draft.isolation !== before.isolation) patch.isolation = draft.isolation
  if (draft.new_tools !== before.new_tools) patch.new_tools = draft.new_tools
  const timeout_ms = Math.round(Number(draft.timeout_s) * 1000)
  if (Number.isFinite(timeout_ms) && timeout_ms !== server.timeout_ms) patch.timeout_ms = timeout_ms
  const concurrency = Math.round(Number(draft.concurrency))
  if (Number.isFinite(concurrency) && concurrency !== server.concurrency) patch.concurrency = concurrency
  return patch
}

function wayOf(http: boolean, draft: Settings, before: Settings): ServerPatch {
  const patch: ServerPatch = {}
  const pairs = pairsOf(draft.pairs)
  if (pairs.length > 0) patch[http ? "headers" : "env"] = pairs
  if (draft.way.trim() === before.way) return patch
  return { ...patch, ...(http ? { url: urlOf(draft.way) } : { command: wordsOf(draft.way) }) }
}
