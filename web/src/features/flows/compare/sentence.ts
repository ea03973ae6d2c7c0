/** The difference of two flows in words: what came of them first, then the step that made it so. */
import type { FlowRow } from "@/api/shapes"
import { count, plural, unturned } from "@/lib/format"
import { duration } from "@/lib/time"
import { type Verdict, verdicts } from "@/ui/badge"
import { isCall, nameOf } from "../step-name"
import { opensByItself, type Step } from "../steps"
import type { ComparedPair } from "./differences"

/** At least this much longer is worth a word. */
const slower_factor = 1.5
const slower_ms = 500

export interface Side {
  name: string
  flow: FlowRow
}

/** "Bob" and "Eve" for two people, else "The first" and "The second". */
export function sideNames(a: FlowRow, b: FlowRow): [string, string] {
  return a.user_id === b.user_id
    ? ["The first", "The second"]
    : [unturned(a.user_name), unturned(b.user_name)]
}

export function differenceInWords(a: Side, b: Side, pairs: readonly ComparedPair[]): string[] {
  const same_end = a.flow.status === b.flow.status
  const why = cause(a, b, pairs)
  const outcome = same_end
    ? [`Both ended the same (${ended(a)})${why ? `, but ${why}` : ""}.`]
    : [`${a.name}: ${ended(a)}. ${b.name}: ${ended(b)}.`, why && `${begun(why)}.`]
  return [...outcome, steps(a, b, pairs), time(a, b)].filter((sentence) => sentence !== "")
}

function ended({ flow }: Side): string {
  return verdicts[flow.status].words.toLowerCase()
}

const came: Record<Verdict, string> = {
  passed: "passed",
  ok: "succeeded",
  denied: "was denied",
  blocked: "was blocked",
  warned: "was warned of",
  failed: "failed",
  running: "still runs",
  cancelled: "was stopped",
  unknown: "has an unknown outcome",
  info: "was noted",
}

/** The name of a tool stays as it is written. */
function begun(words: string): string {
  return /^\S+\.\S/.test(words) ? words : `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}

const nouns: Record<string, string> = {
  usage_check: "the check of credits",
  tool_filter: "the choice of tools",
  error: "an error",
  blocked: "a block",
}

/** A step within a sentence, and what became of it. */
function told(step: Step): string {
  const name = nameOf(step)
  const noun = isCall(step) ? name : (nouns[step.kind] ?? `${name.charAt(0).toLowerCase()}${name.slice(1)}`)
  const event = step.kind === "error" || step.kind === "blocked"
  return `${noun} ${event ? "came" : came[step.verdict]}${byRule(step)}`
}

/** The first step that ended otherwise on the two sides, or is not well on the one that has it. */
function cause(a: Side, b: Side, pairs: readonly ComparedPair[]): string {
  const telling = pairs.filter((pair) => pair.a?.kind !== "done" && pair.b?.kind !== "done")
  const turned = telling.find((pair) => pair.verdict && (isBad(pair.a) || isBad(pair.b)))
  if (turned?.a && turned.b) {
    const [bad, good] = isBad(turned.a) ? [turned.a, turned.b] : [turned.b, turned.a]
    const [at_bad, at_good] = isBad(turned.a) ? [a, b] : [b, a]
    return `${told(bad)} for ${innerName(at_bad.name)} and ${came[good.verdict]} for ${innerName(at_good.name)}`
  }
  const alone = telling.find(
    (pair) =>
      (pair.state === "only_a" && isBad(pair.a) && explains(a, b)) ||
      (pair.state === "only_b" && isBad(pair.b) && explains(b, a)),
  )
  const step = alone?.a ?? alone?.b
  if (!alone || !step) return ""
  return `${told(step)} for ${innerName((alone.a ? a : b).name)} alone`
}

function steps(a: Side, b: Side, pairs: readonly ComparedPair[]): string {
  const n = (state: ComparedPair["state"]) => pairs.filter((pair) => pair.state === state).length
  const parts = [
    n("only_a") > 0 ? `${plural(n("only_a"), "step")} only for ${innerName(a.name)}` : "",
    n("only_b") > 0 ? `${plural(n("only_b"), "step")} only for ${innerName(b.name)}` : "",
    n("changed") > 0 ? `${count(n("changed"))} changed` : "",
  ].filter(Boolean)
  if (parts.length === 0) return `All ${plural(n("same"), "step")} are the same.`
  return `${parts.join(", ")}; ${count(n("same"))} the same.`
}

function time(a: Side, b: Side): string {
  const [took_a, took_b] = [a.flow.duration_ms, b.flow.duration_ms]
  if (took_a === null || took_b === null) return ""
  const [slow, fast] = took_a > took_b ? [a, b] : [b, a]
  const [longer, shorter] = [Math.max(took_a, took_b), Math.min(took_a, took_b)]
  if (longer - shorter < slower_ms || longer < shorter * slower_factor) return ""
  return `${slow.name} took ${duration(longer)}, ${innerName(fast.name)} ${duration(shorter)}.`
}

/** What went wrong for one who came to a good end does not explain why the other did not. */
function explains(one: Side, other: Side): boolean {
  return one.flow.status !== "ok" || other.flow.status === "ok"
}

function isBad(step: Step | null): boolean {
  return step !== null && opensByItself(step)
}

function byRule({ first: { data } }: Step): string {
  const rule = "rule" in data && typeof data.rule === "string" ? data.rule : null
  return rule ? ` by rule "${rule}"` : ""
}

/** A side's name within a sentence. */
export function innerName(name: string): string {
  return name.startsWith("The ") ? name.charAt(0).toLowerCase() + name.slice(1) : name
}
