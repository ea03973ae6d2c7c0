/** One step as a card: folded to a line, opened to its facts, raw as stored. The same wherever a step is shown. */
import { ChevronRight } from "lucide-react"
import { type CSSProperties, useState } from "react"
import { useCredits } from "@/api/credits"
import { type Verdict, VerdictChip } from "@/ui/badge"
import { Button } from "@/ui/button"
import { cn } from "@/ui/cn"
import { Icon } from "@/ui/icon"
import { type Json, JsonView } from "@/ui/json-view"
import { useReveal } from "@/ui/reveal"
import { Duration, Time } from "@/ui/time"
import { StepFacts } from "./facts"
import { kindOf } from "./kinds"
import { callLine } from "./step-name"
import { isBad, opensByItself, type Scale, type Step, stepDuration } from "./steps"
import { calleeWords, summary } from "./summary"

interface Choice {
  while_selected: boolean
  open: boolean
}

/** Which cards somebody opened or folded, by seq: a card that leaves the window comes back as it was. */
export type CardMemory = Map<number, Choice>

interface StepCardProps {
  step: Step
  scale: Scale
  /** Chosen by the URL: open, marked and in view. */
  selected?: boolean
  memory?: CardMemory
}

export function StepCard({ step, scale, selected = false, memory }: StepCardProps) {
  const [choice, setChoice] = useState<Choice | null>(() => memory?.get(step.seq) ?? null)
  const chosen = choice && (choice.while_selected === selected || !selected) ? choice.open : null
  const open = chosen ?? (selected || (opensByItself(step) && step.kind !== "done"))
  const element = useReveal<HTMLElement>(selected)
  const { hue } = kindOf(step.kind)
  const bad = isBad(step)
  return (
    <article
      ref={element}
      id={`step-${step.seq}`}
      aria-label={`Step ${step.seq}`}
      style={{ "--hue": hue, ...(bad ? { borderLeftColor: "var(--bad)" } : {}) } as CSSProperties}
      className={cn(
        "hue-edge min-w-0 scroll-m-16 overflow-hidden rounded border border-l-3 bg-raised",
        !open && "card-lazy",
        selected && "ring-2 ring-accent",
      )}
    >
      <StepHead
        step={step}
        scale={scale}
        open={open}
        onToggle={() => {
          const chosen_now = { while_selected: selected, open: !open }
          memory?.set(step.seq, chosen_now)
          setChoice(chosen_now)
        }}
      />
      {open && <StepBody step={step} />}
    </article>
  )
}

interface StepHeadProps {
  step: Step
  scale: Scale
  open: boolean
  onToggle: () => void
}

function StepHead({ step, scale, open, onToggle }: StepHeadProps) {
  const { icon } = kindOf(step.kind)
  return (
    <button
      type="button"
      aria-expanded={open}
      onClick={onToggle}
      className="hue-wash grid w-full min-w-0 grid-cols-[auto_auto_minmax(0,1fr)_auto_auto] items-center gap-x-2.5 px-3 py-2 text-left transition-colors hover:bg-hover focus-visible:outline-offset-[-2px]"
    >
      <span className="tabular hue-text min-w-5 text-right text-xs">{step.seq}</span>
      <Icon of={icon} className="hue-text" />
      <span className="flex min-w-0 flex-wrap items-center gap-x-2.5 gap-y-0.5 @xl:flex-nowrap">
        <StepTitle step={step} />
        <StepChip verdict={step.verdict} />
        <FoldedLine step={step} />
      </span>
      <span className="flex items-center gap-2.5">
        <DurationBar step={step} scale={scale} />
        <Duration ms={stepDuration(step)} className="w-14 text-right text-fg-2 text-xs @max-xl:w-auto" />
      </span>
      <Icon
        of={ChevronRight}
        size={14}
        className={cn("text-fg-3 transition-transform", open && "rotate-90")}
      />
    </button>
  )
}

function StepTitle({ step: { kind, first } }: { step: Step }) {
  const { data } = first
  if (data.kind === "tool_call" || data.kind === "tool_result")
    return (
      <span className="min-w-0 break-all font-medium font-mono text-xs @xl:max-w-1/2 @xl:shrink-0">
        {calleeWords(data)}
      </span>
    )
  return <span className="shrink-0 font-medium">{kindOf(kind).title}</span>
}

function StepChip({ verdict }: { verdict: Verdict }) {
  return verdict === "info" ? null : <VerdictChip verdict={verdict} />
}

function FoldedLine({ step }: { step: Step }) {
  return (
    <span className="min-w-0 flex-1 truncate text-fg-2 text-xs @max-xl:basis-full">
      {callLine(step) ?? <Summary step={step} />}
    </span>
  )
}

function Summary({ step: { first, second, verdict } }: { step: Step }) {
  return summary((second ?? first).data, useCredits(), verdict)
}

function DurationBar({ step, scale }: { step: Step; scale: Scale }) {
  const left = Math.min(0.985, Math.max(0, (step.start_ms - scale.start_ms) / scale.total_ms))
  const width = Math.max(0.015, Math.min(1 - left, (step.end_ms - step.start_ms) / scale.total_ms))
  return (
    <span aria-hidden="true" className="relative h-1.5 w-28 rounded-full bg-sunken @max-3xl:hidden">
      <span
        style={{ left: `${left * 100}%`, width: `${width * 100}%` }}
        className="hue-fill absolute inset-y-0 min-w-0.5 rounded-full"
      />
    </span>
  )
}

function StepBody({ step }: { step: Step }) {
  const [raw, setRaw] = useState(false)
  const { first, second } = step
  const stored = second ? [first, second] : first
  return (
    <div className="border-t px-3 py-3 sm:pl-11">
      {raw ? (
        <JsonView value={stored as unknown as Json} label="stored JSON" open={4} />
      ) : (
        <StepFacts step={step} />
      )}
      <footer className="mt-3 flex flex-wrap items-center gap-x-3 gap-y-1 text-fg-3 text-xs">
        <Button variant="link" size="inline" className="text-xs" onClick={() => setRaw(!raw)}>
          {raw ? "Facts" : "Raw"}
        </Button>
        <Time at={first.at} />
        <span className="tabular">
          {second ? `Steps ${first.seq} and ${second.seq}` : `Step ${first.seq}`}
        </span>
      </footer>
    </div>
  )
}
