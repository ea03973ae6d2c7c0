/** The steps of a flow as cards; passed checks at the start are one line. */
import { ChevronRight, ShieldCheck } from "lucide-react"
import { useMemo, useState } from "react"
import { plural } from "@/lib/format"
import { duration } from "@/lib/time"
import { Button } from "@/ui/button"
import { cn } from "@/ui/cn"
import { Icon } from "@/ui/icon"
import { StepCard } from "./card"
import { kindOf } from "./kinds"
import { holds, passedChecks, type Scale, type Step, scaleOf } from "./steps"

const drawn_at_once = 300

interface StepCardsProps {
  steps: readonly Step[]
  selected: number | null
}

export function StepCards({ steps, selected }: StepCardsProps) {
  const scale = useMemo(() => scaleOf(steps), [steps])
  const checks = passedChecks(steps)
  const chosen = selected === null ? -1 : steps.findIndex((step) => holds(step, selected))
  const [drawn, setDrawn] = useState(drawn_at_once)
  const last = Math.max(drawn, chosen + 1)
  const card = (step: Step, i: number) => (
    <li key={step.seq}>
      <StepCard step={step} scale={scale} selected={i === chosen} />
    </li>
  )
  return (
    <>
      <ol className="@container flex flex-col gap-1.5">
        {checks > 0 && (
          <li>
            <PassedChecks
              steps={steps.slice(0, checks)}
              scale={scale}
              selected={selected}
              forced={chosen >= 0 && chosen < checks}
            />
          </li>
        )}
        {steps.slice(checks, last).map((step, i) => card(step, i + checks))}
      </ol>
      {last < steps.length && (
        <div className="flex justify-center py-2">
          <Button variant="quiet" onClick={() => setDrawn(last + drawn_at_once)}>
            Show more of {plural(steps.length, "step")}
          </Button>
        </div>
      )}
    </>
  )
}

interface PassedChecksProps {
  steps: readonly Step[]
  scale: Scale
  selected: number | null
  /** One of them is chosen by the URL. */
  forced: boolean
}

function PassedChecks({ steps, scale, selected, forced }: PassedChecksProps) {
  const [choice, setChoice] = useState(false)
  const open = choice || forced
  const took_ms = steps.reduce((sum, step) => sum + (step.first.duration_ms ?? 0), 0)
  return (
    <div className="flex flex-col gap-1.5">
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setChoice(!open)}
        className="flex min-h-9 w-full items-center gap-2.5 rounded border border-dashed px-3 py-1.5 text-left text-fg-2 transition-colors hover:bg-hover"
      >
        <Icon of={ShieldCheck} className="text-ok" />
        <span>
          {plural(steps.length, "check")} passed in {duration(took_ms)}
        </span>
        <span className="flex items-center gap-1.5 max-sm:hidden">
          {steps.map((step) => {
            const { icon, title, hue } = kindOf(step.kind)
            return (
              <span key={step.seq} title={title} style={{ color: hue }}>
                <Icon of={icon} size={14} label={title} />
              </span>
            )
          })}
        </span>
        <Icon
          of={ChevronRight}
          size={14}
          className={cn("ml-auto text-fg-3 transition-transform", open && "rotate-90")}
        />
      </button>
      {open && (
        <ol className="flex flex-col gap-1.5 border-l pl-2 sm:ml-3">
          {steps.map((step) => (
            <li key={step.seq}>
              <StepCard step={step} scale={scale} selected={selected === step.seq} />
            </li>
          ))}
        </ol>
      )}
    </div>
  )
}
