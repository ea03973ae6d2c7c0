/** One node of the graph: a diamond, a circle, a box, folded rounds or a turn; state is words, icon and colour. */
import { Layers } from "lucide-react"
import type { CSSProperties } from "react"
import { duration } from "@/lib/time"
import { type Verdict, verdicts } from "@/ui/badge"
import { cn } from "@/ui/cn"
import { Icon } from "@/ui/icon"
import { HoverCard } from "@/ui/overlay"
import type { GraphNode } from "./graph"
import { TurnBox } from "./graph-turn"
import { kindOf } from "./kinds"
import { isCall, nameOf, StepGlance } from "./step-name"
import { isBad, type Step, stepDuration } from "./steps"

const hues: Partial<Record<Verdict, string>> = { warned: "var(--warn)", unknown: "var(--text-2)" }

interface NodeProps {
  node: GraphNode
  selected: boolean
  faint: boolean
  onSelect: (node: GraphNode | null) => void
  onTurn: (id: string) => void
}

export function GraphNodeView({ node, selected, faint, onSelect, onTurn }: NodeProps) {
  const { step } = node
  const look = cn("size-full rounded transition-opacity", faint && "opacity-30")
  if (node.shape === "shut") return <TurnBox node={node} />
  if (!step)
    return (
      <button
        type="button"
        onClick={() => onTurn(node.id)}
        className={look}
        aria-label={node.shape === "turn" ? undefined : `Open ${node.title}`}
      >
        {node.shape === "turn" ? <TurnBox node={node} /> : <Rounds node={node} />}
      </button>
    )
  const hue = (isBad(step) ? "var(--bad)" : hues[step.verdict]) ?? kindOf(step.kind).hue
  return (
    <HoverCard card={<StepGlance step={step} start_ms={node.start_ms} />} className="w-80">
      <button
        type="button"
        data-seq={step.seq}
        aria-current={selected ? "step" : undefined}
        onClick={() => onSelect(selected ? null : node)}
        style={{ "--hue": hue } as CSSProperties}
        className={look}
      >
        {node.shape === "gate" || node.shape === "model" ? (
          <Figure step={step} shape={node.shape} selected={selected} />
        ) : (
          <Box step={step} selected={selected} />
        )}
      </button>
    </HoverCard>
  )
}

function Figure({ step, shape, selected }: { step: Step; shape: "gate" | "model"; selected: boolean }) {
  const { icon } = kindOf(step.kind)
  const gate = shape === "gate"
  return (
    <span className="flex h-full flex-col items-center">
      <span className={cn("grid shrink-0 place-items-center", gate ? "size-[52px]" : "size-16")}>
        <span
          className={cn(
            "hue-edge hue-soft col-start-1 row-start-1 border",
            gate ? "size-9 rotate-45 rounded-sm" : "size-14 rounded-full",
            "border-(--hue)",
            selected && "ring-2 ring-accent ring-offset-2 ring-offset-surface",
          )}
        />
        <Icon of={icon} className="hue-text col-start-1 row-start-1 z-10" />
      </span>
      <span className="line-clamp-1 text-2xs">
        <Name step={step} />
      </span>
      <State step={step} />
    </span>
  )
}

function Box({ step, selected }: { step: Step; selected: boolean }) {
  const { icon } = kindOf(step.kind)
  const call = isCall(step)
  return (
    <span
      className={cn(
        "flex h-full items-center gap-2 border border-(--hue) bg-raised px-2.5",
        call ? "rounded" : "rounded-full px-4",
        selected && "ring-2 ring-accent ring-offset-2 ring-offset-surface",
      )}
    >
      <Icon of={icon} className="hue-text" />
      <span className="flex min-w-0 flex-col items-start">
        <span className={cn("max-w-full truncate", call ? "font-mono text-2xs" : "text-xs")}>
          <Name step={step} />
        </span>
        <State step={step} />
      </span>
    </span>
  )
}

/** What is seen as figure and colour is also said. */
function Name({ step }: { step: Step }) {
  return (
    <>
      <span className="sr-only">Step {step.seq}. </span>
      {nameOf(step)}
      <span className="sr-only">: {verdicts[step.verdict].words.toLowerCase()}</span>
    </>
  )
}

/** Figures first; what is not well also in words with its icon. */
function State({ step }: { step: Step }) {
  const { icon, words } = verdicts[step.verdict]
  const took_ms = stepDuration(step)
  const plain = step.verdict === "passed" || step.verdict === "ok" || step.verdict === "info"
  return (
    <span
      className={cn(
        "tabular inline-flex items-center gap-1 whitespace-nowrap text-2xs",
        plain ? "text-fg-3" : "hue-text",
      )}
    >
      {!plain && <Icon of={icon} size={11} />}
      {plain ? took_ms !== null && took_ms > 0 && duration(took_ms) : words}
    </span>
  )
}

function Rounds({ node }: { node: GraphNode }) {
  const bad = node.verdict !== "ok"
  const { icon } = verdicts[node.verdict]
  return (
    <span
      className={cn(
        "flex h-[calc(100%-6px)] items-center gap-2 rounded border bg-raised px-2.5 shadow-[3px_3px_0_-1px_var(--surface),3px_3px_0_0_var(--border-strong),6px_6px_0_-1px_var(--surface),6px_6px_0_0_var(--border)]",
        bad ? "border-bad" : "border-border-strong",
      )}
    >
      <Icon of={bad ? icon : Layers} className={bad ? "text-bad" : "text-fg-3"} />
      <span className="flex min-w-0 flex-col items-start">
        <span className="tabular truncate text-xs">{node.title}</span>
        <span className={cn("tabular text-2xs", bad ? "text-bad" : "text-fg-3")}>{node.words}</span>
      </span>
    </span>
  )
}
