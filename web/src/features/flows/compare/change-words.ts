/** What differs between two steps in words: names of facts instead of keys, decisions instead of codes. */
import { count } from "@/lib/format"
import type { Json } from "@/ui/json-model"
import { kindOf } from "../kinds"
import { answered, call_outcomes, endingOf, reachOf, titled } from "../step-words"
import { sources, statuses } from "../words"

const labels: Record<string, string> = {
  allowed: "Allowed",
  arguments_sha256: "Hash of arguments",
  by: "Blocked by",
  cancelled: "Ended",
  decided_by: "Decided by",
  denied_by: "Denied by",
  detail: "Words",
  estimated: "Estimated",
  finish_reason: "Ended because",
  message: "Message shown",
  method: "By",
  offered: "Tools offered",
  outcome: "Outcome",
  price_version: "Price",
  removed: "Tools removed",
  scope: "Door",
  servers_allowed: "Servers allowed",
  servers_total: "Servers in all",
  status: "Outcome",
  step: "In step",
  token_name: "Token",
  tools_offered: "Tools offered",
}

const methods: Record<string, string> = {
  session: "browser session",
  token: "access token",
  oauth: "OAuth",
}

/** The name of a fact, or the path into arguments and results, which are JSON. */
export function labelOf(kind: string, path: string): string {
  if (isJson(path)) return path
  const key = keyOf(path)
  if (key === "rules") return `Rule ${path.slice("rules.".length)}`
  if (kind === "approval" && key === "scope") return "Holds"
  return labels[key] ?? titled(key)
}

/** Whether the two sides are compared as JSON. */
export function isJson(path: string): boolean {
  return /^(arguments|result)\b/.test(path) || path === "$"
}

export function valueWords(kind: string, path: string, value: Json): string {
  if (isJson(path)) return JSON.stringify(value)
  if (value === null) return "none"
  if (typeof value === "boolean") return value ? "yes" : "no"
  if (typeof value === "number") return count(value)
  return typeof value === "string" ? wordOf(kind, keyOf(path), value) : JSON.stringify(value)
}

function wordOf(kind: string, key: string, code: string): string {
  switch (key) {
    case "status":
      return (kind === "done" ? look(statuses, code).toLowerCase() : look(call_outcomes, code)) || code
    case "scope":
      return kind === "approval" ? reachOf(code) : look(sources, code) || code
    case "method":
      return look(methods, code) || code
    case "finish_reason":
      return endingOf(code)
    case "outcome":
      return answered(code)
    case "step":
      return kindOf(code).title
    case "action":
    case "decision":
    case "detector":
      return titled(code)
    default:
      return code
  }
}

function look(words: Readonly<Record<string, string>>, code: string): string {
  return (Object.hasOwn(words, code) && words[code]) || ""
}

function keyOf(path: string): string {
  return /^[^.[]+/.exec(path)?.[0] ?? path
}
