/** Two aligned steps side by side: quiet where they are the same, marked with what differs where not. */
import type { CSSProperties } from "react"
import { useCredits } from "@/api/credits"
import { duration } from "@/lib/time"
import { VerdictChip } from "@/ui/badge"
import { cn } from "@/ui/cn"
import { Icon } from "@/ui/icon"
import type { Json } from "@/ui/json-model"
import { kindOf } from "../kinds"
import { isCall, nameOf } from "../step-name"
import { type Step, stepDuration } from "../steps"
import { callWords, summary, toolResult } from "../summary"
import { AccessChanges } from "./access-changes"
import type { ComparedPair } from "./differences"
import type { JsonChange } from "./json-diff"
import { innerName } from "./sentence"

const longest_value = 160

interface PairRowProps {
  pair: ComparedPair
  names: [string, string]
  onOpen: (side: "a" | "b", seq: number) => void
}

export function PairRow({ pair, names, onOpen }: PairRowProps) {
  const { a, b, state, changes, accesses } = pair
  const differs = changes.length > 0 || accesses !== null
  return (
    <div className={cn("min-w-0 border-b", state === "same" && "text-fg-2")}>
      <div className="grid grid-cols-2">
        <Cell
          step={a}
          state={state}
          verdict={pair.verdict}
          onOpen={(seq) => onOpen("a", seq)}
          none={names[0]}
        />
        <Cell
          step={b}
          state={state}
          verdict={pair.verdict}
          onOpen={(seq) => onOpen("b", seq)}
          none={names[1]}
        />
      </div>
      {differs && (
        <div className="flex flex-col gap-2 border-warn border-l-3 bg-warn-soft/40 px-3 py-2 sm:px-9">
          {changes.length > 0 && <Changes changes={changes} names={names} />}
          {accesses && <AccessChanges accesses={accesses} names={names} />}
        </div>
      )}
    </div>
  )
}

interface CellProps {
  step: Step | null
  state: ComparedPair["state"]
  verdict: boolean
  onOpen: (seq: number) => void
  none: string
}

function Cell({ step, state, verdict, onOpen, none }: CellProps) {
  if (!step)
    return (
      <p className="idle-hatch flex min-h-10 items-center px-3 text-fg-3 text-xs">
        Not for {innerName(none)}
      </p>
    )
  const { icon, hue } = kindOf(step.kind)
  const took_ms = stepDuration(step)
  const marked = state === "only_a" || state === "only_b"
  return (
    <button
      type="button"
      onClick={() => onOpen(step.seq)}
      style={{ "--hue": hue } as CSSProperties}
      className={cn(
        "flex min-h-10 min-w-0 flex-wrap items-center gap-x-2 gap-y-0.5 px-2 py-1.5 text-left hover:bg-hover sm:px-3",
        marked && "bg-info-soft",
        verdict && "bg-warn-soft",
      )}
    >
      <span className="tabular w-5 shrink-0 text-right text-2xs text-fg-3">{step.seq}</span>
      <Icon of={icon} size={14} className="hue-text" />
      <span className={cn("truncate", isCall(step) ? "font-mono text-2xs" : "text-xs")}>{nameOf(step)}</span>
      {step.verdict !== "info" && state !== "same" && <VerdictChip verdict={step.verdict} />}
      <span className="min-w-0 flex-1 basis-24 truncate text-2xs text-fg-3">
        <Line step={step} />
      </span>
      {took_ms !== null && <span className="tabular text-2xs text-fg-3">{duration(took_ms)}</span>}
    </button>
  )
}

function Line({ step: { first, second, verdict } }: { step: Step }) {
  const credits = useCredits()
  if (first.data.kind !== "tool_call") return summary((second ?? first).data, credits, verdict)
  const came = second?.data.kind === "tool_result" ? ` \u2192 ${toolResult(second.data)}` : ""
  return `${callWords(first.data)}${came}`
}

function Changes({ changes, names }: { changes: readonly JsonChange[]; names: [string, string] }) {
  return (
    <ul className="flex flex-col gap-1">
      {changes.map(({ path, a, b }) => (
        <li key={path} className="grid grid-cols-2 gap-x-3 text-xs sm:grid-cols-[minmax(96px,180px)_1fr_1fr]">
          <code className="break-all text-2xs text-fg-2 leading-5 max-sm:col-span-2">{path}</code>
          <Value value={a} name={names[0]} other={b} />
          <Value value={b} name={names[1]} other={a} />
        </li>
      ))}
    </ul>
  )
}

function Value({ value, name, other }: { value: Json | undefined; name: string; other: Json | undefined }) {
  if (value === undefined)
    return (
      <span className="text-fg-3">
        <span className="sr-only">{name}: </span>nothing there
      </span>
    )
  const words = JSON.stringify(value)
  const shown = words.length > longest_value ? `${words.slice(0, longest_value)}\u2026` : words
  return (
    <code className={cn("min-w-0 break-words text-2xs leading-5", other === undefined && "font-medium")}>
      <span className="sr-only">{name}: </span>
      {shown}
    </code>
  )
}
