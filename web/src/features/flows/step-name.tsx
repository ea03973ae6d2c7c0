/** A step in a few words where there is no room for its card: icon and name, and what the pointer is told. */
import type { CSSProperties } from "react"
import { useCredits } from "@/api/credits"
import { unturned } from "@/lib/format"
import { duration } from "@/lib/time"
import { VerdictChip } from "@/ui/badge"
import { cn } from "@/ui/cn"
import { Icon } from "@/ui/icon"
import { kindOf } from "./kinds"
import { type Step, stepDuration } from "./steps"
import { argumentWords, calleeWords, callWords, summary, toolResult } from "./summary"

export function isCall({ kind }: Step): boolean {
  return kind === "tool_call" || kind === "tool_result"
}

export function nameOf({ kind, first: { data } }: Step): string {
  return data.kind === "tool_call" || data.kind === "tool_result" ? calleeWords(data) : kindOf(kind).title
}

/** The title of a call already names server and tool, so its line begins with the arguments; null for others. */
export function callLine({ first, second }: Step): string | null {
  if (first.data.kind !== "tool_call") return null
  const { arguments: given, rule, detail } = first.data
  const words = `(${argumentWords(given)})`
  if (second?.data.kind === "tool_result") return unturned(`${words} \u2192 ${toolResult(second.data)}`)
  if (rule) return unturned(`${words} denied by rule "${rule}"`)
  return unturned(detail ? `${words} ${detail}` : words)
}

export function StepName({ step, className }: { step: Step; className?: string }) {
  const { icon, hue } = kindOf(step.kind)
  return (
    <span
      style={{ "--hue": hue } as CSSProperties}
      className={cn("inline-flex min-w-0 items-center gap-1.5", className)}
    >
      <Icon of={icon} size={14} className="hue-text" />
      <span className={cn("truncate", isCall(step) && "font-mono text-2xs")}>{nameOf(step)}</span>
    </span>
  )
}

/** What a step was, in short; `start_ms` is the beginning of the flow. */
export function StepGlance({ step, start_ms }: { step: Step; start_ms: number }) {
  const credits = useCredits()
  const took_ms = stepDuration(step)
  const { data } = step.first
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <div className="flex items-center gap-2">
        <StepName step={step} className="font-medium" />
        {step.verdict !== "info" && <VerdictChip verdict={step.verdict} />}
      </div>
      {data.kind === "tool_call" && (
        <p className="line-clamp-2 break-words font-mono text-2xs text-fg-2">{callWords(data)}</p>
      )}
      <p className="line-clamp-4 break-words text-fg-2 text-xs">
        {summary((step.second ?? step.first).data, credits, step.verdict)}
      </p>
      <p className="tabular text-fg-3 text-xs">
        Step {step.seq}, {duration(step.start_ms - start_ms)} after the start
        {took_ms !== null && `, took ${duration(took_ms)}`}
      </p>
    </div>
  )
}
