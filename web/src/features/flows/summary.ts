/** One line for every kind of checkpoint: what was decided or what came of it, in words. */
import type { CreditWords } from "@/api/credits"
import type { JsonValue, LlmCompleteData, StepData, ToolCallData, ToolResultData } from "@/api/shapes"
import { bytes, count, plural, unturned, usd } from "@/lib/format"
import { duration } from "@/lib/time"
import type { Verdict } from "@/ui/badge"
import { answered, askedFor, call_outcomes, reachOf, titled } from "./step-words"

type Of<K extends StepData["kind"]> = Extract<StepData, { kind: K }>

const longest_arguments = 120

/** `verdict` tells what was decided where the data alone do not. */
export function summary(data: StepData, credits: CreditWords, verdict?: Verdict): string {
  return unturned(lineOf(data, credits, verdict))
}

function lineOf(data: StepData, credits: CreditWords, verdict?: Verdict): string {
  switch (data.kind) {
    case "auth_check":
      return signedIn(data, verdict)
    case "block_check":
      return data.message === null ? "Not blocked" : `Blocked${by(data.by)}: "${data.message}"`
    case "usage_check":
      return usageCheck(data, credits)
    case "mcp_access_check":
      return serverAccess(data)
    case "tool_filter":
      return toolFilter(data)
    case "security_check":
      return securityCheck(data, verdict)
    case "llm_thinking":
      return `${data.model} reads ${plural(data.messages, "message")} with ${plural(data.tools_offered, "tool")}`
    case "llm_complete":
      return modelAnswer(data, credits)
    case "approval":
      return approval(data)
    case "upstream_request":
      return `${data.server} asked for ${askedFor(data.method)}: ${answered(data.outcome)}`
    case "tool_call":
      return toolCall(data)
    case "tool_result":
      return `${calleeWords(data)} \u2192 ${toolResult(data)}`
    case "usage_settled":
      return settled(data, credits)
    case "blocked":
      return `Blocked by ${data.by}: "${data.message}"`
    case "error":
      return data.detail
    case "done":
      return ended(data, credits)
    default:
      return unknownKind(data)
  }
}

/** "shop.find_order(order_id: 1042)" */
export function callWords(data: ToolCallData): string {
  return `${calleeWords(data)}(${argumentWords(data.arguments)})`
}

/** "shop.find_order", "prompt desk.triage", "resource desk://queue at desk" */
export function calleeWords({
  target,
  server,
  tool,
}: Pick<ToolCallData, "target" | "server" | "tool">): string {
  if (target === "resource") return unturned(`resource ${tool} at ${server}`)
  return unturned(target === "tool" ? `${server}.${tool}` : `${target} ${server}.${tool}`)
}

/** "ok, 1.2 kB" */
export function toolResult(data: ToolResultData): string {
  const status = call_outcomes[data.status]
  return data.size_bytes > 0 ? `${status}, ${bytes(data.size_bytes)}` : status
}

function toolCall(data: ToolCallData): string {
  const words = callWords(data)
  if (data.rule) return `${words} denied by rule "${data.rule}"`
  return data.detail ? `${words}: ${data.detail}` : words
}

const ways = { session: "a browser session", token: "an access token", oauth: "OAuth" }

function signedIn({ method, token_name, client }: Of<"auth_check">, verdict?: Verdict): string {
  const way = token_name ? `token "${token_name}"` : ways[method]
  const words = verdict === "denied" ? `Not let in with ${way}` : `Signed in with ${way}`
  return client && method !== "session" ? `${words} from ${client}` : words
}

function usageCheck(data: Of<"usage_check">, credits: CreditWords): string {
  const [least] = data.budgets.toSorted((a, b) => a.remaining_micros - b.remaining_micros)
  const tightest = data.budgets.find(({ name }) => name === data.denied_by) ?? least
  if (data.denied_by !== null && data.unpriced && data.requested_micros === 0)
    return "This model has no price, so what it costs cannot be counted"
  if (!tightest) return data.unpriced ? "Unpriced; no budget applies" : "No budget applies"
  const place = /^daily\b/.test(tightest.name) ? "today" : `in ${tightest.name}`
  const left = `${credits(tightest.remaining_micros)} credits left of ${credits(tightest.limit_micros)} ${place}`
  if (data.denied_by !== null) return `${credits(data.requested_micros)} credits needed, ${left}`
  const held = data.unpriced ? "unpriced" : `${credits(data.reserved_micros)} reserved`
  return `${left}; ${held}`
}

function serverAccess(data: Of<"mcp_access_check">): string {
  const servers = `${count(data.servers_allowed)} of ${plural(data.servers_total, "server")}`
  if (data.server === null || data.allowed === null) return servers
  const rule = data.rule ? ` by rule "${data.rule}"` : ""
  return `${data.server} ${data.allowed ? "allowed" : "denied"}${rule}; ${servers}`
}

function toolFilter({ offered, removed, rules }: Of<"tool_filter">): string {
  const words = `${count(offered)} of ${plural(offered + removed, "tool")} offered`
  if (removed === 0) return words
  const why = rules.length > 0 ? ` by ${plural(rules.length, "rule")}` : ""
  return `${words}; ${count(removed)} removed${why}`
}

function securityCheck({ detector, score, action }: Of<"security_check">, verdict?: Verdict): string {
  if (verdict === "failed" || verdict === "unknown") return `${titled(detector)}: could not be checked`
  const found = action === "allowed" ? "not found" : "found"
  return `${titled(detector)}: ${found} (${score.toFixed(2)})`
}

function modelAnswer(data: LlmCompleteData, credits: CreditWords): string {
  const about = data.estimated ? "about " : ""
  const parts = [data.model, `${about}${count(data.input_tokens)} in`, `${count(data.output_tokens)} out`]
  parts.push(
    data.cost_micros === null
      ? "unpriced"
      : `${credits(data.cost_micros)} credits (${usd(data.cost_micros)})`,
  )
  if (data.first_token_ms !== null) parts.push(`first token ${duration(data.first_token_ms)}`)
  return parts.join(", ")
}

function approval({ decided_by, decision, scope }: Of<"approval">): string {
  if (decision === "expired") return "Nobody decided in time"
  return `${decision === "allowed" ? "Allowed" : "Denied"}${by(decided_by)} ${reachOf(scope)}`
}

function settled(data: Of<"usage_settled">, credits: CreditWords): string {
  const words = `${credits(data.charged_micros)} credits charged, ${credits(data.refunded_micros)} returned`
  return data.remaining_micros === null ? words : `${words}; ${credits(data.remaining_micros)} left`
}

function ended(data: Of<"done">, credits: CreditWords): string {
  const parts = [duration(data.duration_ms), plural(data.tool_calls, "tool call")]
  if (data.cost_micros > 0) parts.push(`${credits(data.cost_micros)} credits`)
  return parts.join(", ")
}

function by(who: string | null): string {
  return who ? ` by ${who}` : ""
}

/** `order_id: 1042, note: "late"`; long ones are cut. */
export function argumentWords(given: JsonValue): string {
  if (given === null) return ""
  if (typeof given !== "object" || Array.isArray(given)) return shortValue(given)
  const line = Object.entries(given)
    .map(([name, value]) => `${name}: ${shortValue(value)}`)
    .join(", ")
  return line.length > longest_arguments ? `${line.slice(0, longest_arguments)}\u2026` : line
}

function shortValue(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.length}]`
  if (typeof value === "object" && value !== null) return "{\u2026}"
  return typeof value === "string" ? JSON.stringify(value) : String(value)
}

/** The union is closed; a record of a newer version still gets a line. */
function unknownKind(data: never): string {
  return `A step of a kind that this page does not know (${(data as { kind: string }).kind})`
}
