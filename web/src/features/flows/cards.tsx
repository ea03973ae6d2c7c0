/** The steps of a flow as cards; checks that passed in a row are one line; only cards near the window are drawn. */
import { ChevronRight, ShieldCheck } from "lucide-react"
import { memo, useMemo, useState } from "react"
import { plural } from "@/lib/format"
import { duration } from "@/lib/time"
import { cn } from "@/ui/cn"
import { Icon } from "@/ui/icon"
import { VirtualList } from "@/ui/virtual-list"
import { type CardMemory, StepCard } from "./card"
import { kindOf } from "./kinds"
import { type CardRow, cardRows, rowHolds, type Scale, type Step, scaleOf } from "./steps"

const card_px = 44

interface StepCardsProps {
  steps: readonly Step[]
  selected: number | null
  /** The last card stays in view while steps arrive. */
  follows?: boolean
  /** The flow's own scale where only a part of its steps is given. */
  scale?: Scale
}

export function StepCards({ steps, selected, follows = false, scale: whole }: StepCardsProps) {
  const own = useMemo(() => scaleOf(steps), [steps])
  const rows = useMemo(() => cardRows(steps), [steps])
  const [memory] = useState<CardMemory>(() => new Map())
  const chosen = selected === null ? -1 : rows.findIndex((row) => rowHolds(row, selected))
  const scale = whole ?? own
  return (
    <VirtualList
      items={rows}
      itemKey={(row) => String(row.seq)}
      line_px={card_px}
      reveals={chosen >= 0 ? chosen : follows ? rows.length - 1 : null}
      className="@container"
      line={(row) => (
        <div className="pb-1.5">
          <Row
            row={row}
            scale={scale}
            selected={selected !== null && rowHolds(row, selected) ? selected : null}
            memory={memory}
          />
        </div>
      )}
    />
  )
}

/** The last cards of steps that come faster than one reads: a card that goes leaves its element to the next. */
export function LatestCards({ steps, most }: { steps: readonly Step[]; most: number }) {
  const rows = useMemo(() => cardRows(steps).slice(-most), [steps, most])
  const scale = useMemo(() => scaleOf(steps), [steps])
  const [memory] = useState<CardMemory>(() => new Map())
  return (
    <ul className="@container">
      {rows.map((row, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: elements belong to places here, not to steps
        <li key={place} className="pb-1.5">
          <Row row={row} scale={scale} selected={null} memory={memory} />
        </li>
      ))}
    </ul>
  )
}

interface RowProps {
  row: CardRow
  scale: Scale
  selected: number | null
  memory: CardMemory
}

/** Scrolling draws only those that come into view. */
const Row = memo(function Row({ row, scale, selected, memory }: RowProps) {
  const on = selected !== null
  if (row.checks)
    return <PassedChecks steps={row.checks} scale={scale} selected={selected} forced={on} memory={memory} />
  return <StepCard step={row.step} scale={scale} selected={on} memory={memory} />
})

interface PassedChecksProps {
  steps: readonly Step[]
  scale: Scale
  selected: number | null
  /** One of them is chosen by the URL. */
  forced: boolean
  memory: CardMemory
}

function PassedChecks({ steps, scale, selected, forced, memory }: PassedChecksProps) {
  const key = -(steps[0]?.seq ?? 0)
  const [choice, setChoice] = useState(() => memory.get(key)?.open ?? false)
  const open = choice || forced
  const toggle = () => {
    memory.set(key, { while_selected: false, open: !open })
    setChoice(!open)
  }
  const took_ms = steps.reduce((sum, step) => sum + (step.first.duration_ms ?? 0), 0)
  return (
    <div className="flex flex-col gap-1.5">
      <button
        type="button"
        aria-expanded={open}
        onClick={toggle}
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
              <StepCard step={step} scale={scale} selected={selected === step.seq} memory={memory} />
            </li>
          ))}
        </ol>
      )}
    </div>
  )
}
