/** Two aligned steps side by side: quiet where they are the same, marked with what differs where not. */
import type { CSSProperties } from "react"
import { useCredits } from "@/api/credits"
import { unturned } from "@/lib/format"
import { duration } from "@/lib/time"
import { VerdictChip } from "@/ui/badge"
import { cn } from "@/ui/cn"
import { Icon } from "@/ui/icon"
import { kindOf } from "../kinds"
import { callLine, isCall, nameOf } from "../step-name"
import { type Step, stepDuration } from "../steps"
import { summary } from "../summary"
import { AccessChanges } from "./access-changes"
import { isJson, labelOf, valueWords } from "./change-words"
import type { ComparedPair } from "./differences"
import type { JsonChange } from "./json-diff"
import { innerName } from "./sentence"

const longest_value = 160
const json_style = "break-all font-mono text-2xs"

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
          {changes.length > 0 && <Changes kind={(a ?? b)?.kind ?? ""} changes={changes} names={names} />}
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

function Line({ step }: { step: Step }) {
  const { first, second, verdict } = step
  const credits = useCredits()
  return callLine(step) ?? summary((second ?? first).data, credits, verdict)
}

interface ChangesProps {
  kind: string
  changes: readonly JsonChange[]
  names: [string, string]
}

function Changes({ kind, changes, names }: ChangesProps) {
  return (
    <ul className="flex flex-col gap-1">
      {changes.map(({ path, a, b }) => (
        <li key={path} className="grid grid-cols-2 gap-x-3 text-xs sm:grid-cols-[minmax(96px,180px)_1fr_1fr]">
          <span
            className={cn("break-words text-fg-2 leading-5 max-sm:col-span-2", isJson(path) && json_style)}
          >
            {unturned(labelOf(kind, path))}
          </span>
          {[a, b].map((value, i) => (
            <Value
              key={names[i]}
              words={value === undefined ? null : valueWords(kind, path, value)}
              name={names[i] ?? ""}
              json={isJson(path)}
            />
          ))}
        </li>
      ))}
    </ul>
  )
}

/** `words` null where the side has nothing there. */
function Value({ words, name, json }: { words: string | null; name: string; json: boolean }) {
  if (words === null)
    return (
      <span className="text-fg-3">
        <span className="sr-only">{name}: </span>nothing there
      </span>
    )
  const shown = words.length > longest_value ? `${words.slice(0, longest_value)}\u2026` : words
  return (
    <span className={cn("min-w-0 break-words leading-5", json && json_style)}>
      <span className="sr-only">{name}: </span>
      {unturned(shown)}
    </span>
  )
}
