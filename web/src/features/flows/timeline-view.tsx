/** The waterfall: a row a step on a common scale; long pauses are short and marked; dragging zooms. */
import { ZoomOut } from "lucide-react"
import { type CSSProperties, memo, type ReactNode, useCallback, useMemo, useRef, useState } from "react"
import { duration } from "@/lib/time"
import { Button } from "@/ui/button"
import { cn } from "@/ui/cn"
import { HoverCard } from "@/ui/overlay"
import { Duration } from "@/ui/time"
import { VirtualList } from "@/ui/virtual-list"
import { StepCard } from "./card"
import { kindOf } from "./kinds"
import { Minimap } from "./minimap"
import { StepGlance, StepName } from "./step-name"
import { holds, isBad, type Scale, type Step, scaleOf, stepDuration } from "./steps"
import { idlePieces, momentAt } from "./time-map"
import { type Bar, inView, ticks, tickWords, type Waterfall, waterfall, type Zoom } from "./timeline"
import { useZoomDrag } from "./timeline-zoom"

const row_px = 28
/** A moment at the very end is seen as well. */
const least_bar_px = 3
const minimap_from_steps = 40
const columns =
  "grid grid-cols-[116px_minmax(0,1fr)_52px] items-center gap-x-2 sm:grid-cols-[minmax(104px,220px)_minmax(0,1fr)_64px] sm:gap-x-3"

interface TimelineProps {
  steps: readonly Step[]
  selected: number | null
  onSelect: (seq: number | null) => void
  /** Drawn over the bars: where a player stands. */
  over?: (view: Zoom, whole: Waterfall) => ReactNode
}

export function Timeline({ steps, selected, onSelect, over }: TimelineProps) {
  const whole = useMemo(() => waterfall(steps), [steps])
  const scale = useMemo(() => scaleOf(steps), [steps])
  const [zoom, setZoom] = useState<Zoom | null>(null)
  const view = useMemo<Zoom>(() => zoom ?? { from: 0, to: whole.map.shown_ms }, [zoom, whole])
  const track = useRef<HTMLDivElement>(null)
  const drag = useZoomDrag(track, { view, shown_ms: whole.map.shown_ms }, setZoom)
  const latest = useRef(onSelect)
  latest.current = onSelect
  const select = useCallback((seq: number | null) => latest.current(seq), [])
  const bars = useMemo(() => inView(whole.bars, zoom), [whole, zoom])
  const chosen = selected === null ? -1 : bars.findIndex(({ step }) => holds(step, selected))
  return (
    <section aria-label="Timeline" className="flex min-w-0 flex-col gap-2">
      {steps.length > minimap_from_steps && <Minimap whole={whole} view={view} onView={setZoom} />}
      <div
        {...drag.handlers}
        className={cn("relative min-w-0 rounded border bg-surface px-2 pb-1", drag.over && "select-none")}
      >
        <Ruler whole={whole} view={view} zoomed={zoom !== null} onWhole={() => setZoom(null)} />
        <div className={cn(columns, "pointer-events-none absolute inset-x-2 inset-y-0")}>
          <div ref={track} className="relative col-start-2 h-full overflow-hidden">
            <Pauses whole={whole} view={view} />
            {drag.over && <Marked zoom={drag.over} view={view} />}
            {over?.(view, whole)}
          </div>
        </div>
        <VirtualList
          items={bars}
          itemKey={(bar) => String(bar.step.seq)}
          line_px={row_px}
          reveals={chosen >= 0 ? chosen : null}
          className="relative"
          line={(bar) => (
            <BarRow bar={bar} view={view} scale={scale} on={bar === bars[chosen]} onSelect={select} />
          )}
        />
      </div>
    </section>
  )
}

interface RulerProps {
  whole: Waterfall
  view: Zoom
  zoomed: boolean
  onWhole: () => void
}

function Ruler({ whole: { map }, view, zoomed, onWhole }: RulerProps) {
  return (
    <div className={cn(columns, "h-8 border-b")}>
      <span className="text-fg-3 text-xs">
        {zoomed ? (
          <Button variant="quiet" size="sm" icon={ZoomOut} onClick={onWhole} className="-ml-2 h-6">
            Whole flow
          </Button>
        ) : (
          <span className="max-sm:hidden">Drag to zoom</span>
        )}
      </span>
      <div aria-hidden="true" className="relative h-full cursor-ew-resize overflow-hidden">
        {ticks(view).map((tick) => (
          <span
            key={tick}
            style={{ left: share(tick, view) }}
            className="tabular absolute inset-y-0 flex items-center whitespace-nowrap border-l pl-1 text-2xs text-fg-3"
          >
            {tickWords(momentAt(map, tick) - map.start_ms, view)}
          </span>
        ))}
      </div>
      <span className="text-right text-fg-3 text-xs">Took</span>
    </div>
  )
}

/** Where time is left out. */
function Pauses({ whole: { map }, view }: { whole: Waterfall; view: Zoom }) {
  return idlePieces(map).map((piece) => (
    <span
      key={piece.from_ms}
      style={{
        left: share(piece.shown_from_ms, view),
        width: width(piece.shown_from_ms, piece.shown_to_ms, view),
      }}
      className="idle-hatch absolute inset-y-0 grid min-w-1 place-items-start justify-items-center border-border border-x border-dashed pt-8"
    >
      <span className="tabular rounded-sm border bg-raised px-1 text-2xs text-fg-3 [writing-mode:vertical-rl]">
        pause of {duration(piece.to_ms - piece.from_ms)}
      </span>
    </span>
  ))
}

function Marked({ zoom, view }: { zoom: Zoom; view: Zoom }) {
  return (
    <span
      style={{ left: share(zoom.from, view), width: width(zoom.from, zoom.to, view) }}
      className="absolute inset-y-0 border-accent border-x bg-accent/10"
    />
  )
}

interface BarRowProps {
  bar: Bar
  view: Zoom
  scale: Scale
  on: boolean
  onSelect: (seq: number | null) => void
}

const BarRow = memo(function BarRow({ bar, view, scale, on, onSelect }: BarRowProps) {
  const { step } = bar
  return (
    <div className={cn(on && "bg-hover")}>
      <HoverCard card={<StepGlance step={step} start_ms={scale.start_ms} />} className="w-96 max-w-[90vw]">
        <button
          type="button"
          aria-expanded={on}
          data-seq={step.seq}
          onClick={() => onSelect(on ? null : step.seq)}
          className={cn(columns, "h-7 w-full rounded-sm text-left text-xs hover:bg-hover")}
        >
          <StepName step={step} />
          <span className="relative h-full overflow-hidden">
            <BarShape bar={bar} view={view} />
          </span>
          <Duration ms={stepDuration(step)} className="text-right text-fg-2 text-xs" />
        </button>
      </HoverCard>
      {on && (
        <div className="@container pb-2">
          <StepCard step={step} scale={scale} selected />
        </div>
      )}
    </div>
  )
})

function BarShape({ bar: { step, from, to }, view }: { bar: Bar; view: Zoom }) {
  const bad = isBad(step)
  return (
    <span
      style={
        {
          "--hue": kindOf(step.kind).hue,
          left: `min(${share(from, view)}, 100% - ${least_bar_px}px)`,
          width: width(from, to, view),
          minWidth: least_bar_px,
        } as CSSProperties
      }
      className={cn(
        "hue-fill absolute inset-y-2 rounded-xs",
        step.verdict === "running" && "opacity-60",
        bad && "ring-2 ring-bad",
      )}
    />
  )
}

function share(at: number, { from, to }: Zoom): string {
  return `${((at - from) / (to - from)) * 100}%`
}

function width(from: number, to: number, view: Zoom): string {
  return `${((to - from) / (view.to - view.from)) * 100}%`
}
