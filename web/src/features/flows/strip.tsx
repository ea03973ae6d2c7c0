/** All steps of a flow in one line. */
import type { CSSProperties } from "react"
import { verdicts } from "@/ui/badge"
import { cn } from "@/ui/cn"
import { Icon } from "@/ui/icon"
import { Tooltip } from "@/ui/tooltip"
import { kindOf } from "./kinds"
import { holds, isBad, partsOf, type Step, spokesman } from "./steps"

const icons_up_to = 60
const parts_up_to = 240

interface StripProps {
  steps: readonly Step[]
  selected: number | null
  onSelect: (seq: number) => void
}

export function Strip({ steps, selected, onSelect }: StripProps) {
  const small = steps.length > icons_up_to
  const parts = partsOf(steps, parts_up_to)
  return (
    <nav aria-label="Steps" className={small ? "flex flex-wrap gap-0.5" : "flex flex-wrap gap-1"}>
      {parts.map((part) => {
        const step = spokesman(part)
        return (
          <StripStep
            key={step.seq}
            step={step}
            small={small}
            on={selected !== null && part.some((each) => holds(each, selected))}
            onSelect={onSelect}
          />
        )
      })}
    </nav>
  )
}

interface StripStepProps {
  step: Step
  small: boolean
  on: boolean
  onSelect: (seq: number) => void
}

function StripStep({ step, small, on, onSelect }: StripStepProps) {
  const { icon, title, hue } = kindOf(step.kind)
  const problem = isBad(step)
  const words = `${step.seq}. ${title}: ${verdicts[step.verdict].words.toLowerCase()}`
  const button = (
    <button
      type="button"
      aria-label={words}
      title={small ? words : undefined}
      aria-current={on ? "step" : undefined}
      onClick={() => onSelect(step.seq)}
      style={{ "--hue": problem ? "var(--bad)" : hue } as CSSProperties}
      className={cn(
        "hue-soft hue-text grid place-items-center rounded-sm transition-shadow hover:ring-1 hover:ring-border-strong",
        small ? "h-5 w-2" : "size-7",
        problem && "ring-1 ring-bad",
        on && "ring-2 ring-accent hover:ring-2 hover:ring-accent",
      )}
    >
      {!small && <Icon of={icon} size={14} />}
    </button>
  )
  // Hundreds of tooltips of our own would hold up a long flow.
  return small ? button : <Tooltip words={words}>{button}</Tooltip>
}
