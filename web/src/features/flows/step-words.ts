/** The codes that checkpoints hold, in words; a code of a newer version stays readable. */
import type { CallStatus } from "@/api/types"

/** "upstream_timeout" becomes "upstream timeout". */
export function readable(code: string): string {
  return code.replaceAll("_", " ")
}

/** The same as the beginning of a line. */
export function titled(code: string): string {
  const words = readable(code)
  return words.charAt(0).toUpperCase() + words.slice(1)
}

export const call_outcomes: Record<CallStatus, string> = {
  ok: "ok",
  tool_error: "tool error",
  upstream_error: "server failed",
  timeout: "timed out",
  cancelled: "stopped",
  denied: "denied",
  unknown: "unknown outcome",
}

const asked: Record<string, string> = {
  sampling: "an answer of the model (sampling)",
  elicitation: "input (elicitation)",
  roots: "the client's folders (roots)",
}

const came: Record<string, string> = {
  accept: "accepted",
  decline: "declined",
  cancel: "dismissed",
  cancelled: "stopped",
  unanswered: "not answered",
}

const endings: Record<string, string> = {
  stop: "The answer was complete",
  tool_calls: "Tools were called",
  tool_call: "Tools were called",
  length: "The limit of output tokens was reached",
  content_filter: "The provider's filter cut it off",
}

const scopes: Record<string, string> = {
  once: "for this call",
  conversation: "for this conversation",
  always: "from now on",
}

/** What a server asked back for. */
export function askedFor(method: string): string {
  return worded(asked, method)
}

/** What became of what a server asked back. */
export function answered(outcome: string): string {
  return worded(came, outcome)
}

/** Why a model ended its answer. */
export function endingOf(finish_reason: string): string {
  return titled(worded(endings, finish_reason))
}

/** How far an approval reaches. */
export function reachOf(scope: string): string {
  return worded(scopes, scope)
}

/** A code may come from a server: what every object has by nature is no word for it. */
function worded(words: Record<string, string>, code: string): string {
  return (Object.hasOwn(words, code) && words[code]) || readable(code)
}
