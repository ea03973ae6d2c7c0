/** Bars over time, one or two parts each; figures on hover and by keyboard, and as a table for screen readers. */
import { useId, useState } from "react"
import { cn } from "./cn"

export interface Bar {
  key: string
  /** Named under the axis when there is room, and in the figure on hover. */
  label: string
  value: number
  /** The part of `value` that is drawn in the second colour. */
  part?: number
}

interface BarChartProps {
  label: string
  bars: readonly Bar[]
  figure: (bar: Bar) => string
  axis: (value: number) => string
  /** A class that sets `color`; series keep theirs on every page. */
  tone?: string
  partTone?: string
  /** Every how many bars the axis is labelled. */
  every?: number
  className?: string
}

const height = 120

export function BarChart(props: BarChartProps) {
  const { label, bars, figure, axis, every = 4, className } = props
  const [at, setAt] = useState<number | null>(null)
  const top = niceTop(Math.max(...bars.map((bar) => bar.value), 0))
  const shown = at === null ? null : bars[at]
  return (
    <figure className={cn("min-w-0", className)}>
      <div className="relative" onPointerLeave={() => setAt(null)}>
        <div
          aria-hidden="true"
          className="pointer-events-none absolute inset-0 flex flex-col justify-between"
        >
          {[top, top / 2, 0].map((value) => (
            <div key={value} className="flex h-0 items-center gap-2">
              <span className="tabular w-12 shrink-0 truncate text-right text-2xs text-fg-3">
                {axis(value)}
              </span>
              <span className="h-px flex-1 bg-border" />
            </div>
          ))}
        </div>
        <Bars {...props} top={top} at={at} onAt={setAt} />
        {shown && at !== null && (
          <div
            style={{ left: `calc(56px + (100% - 56px) * ${(at + 0.5) / bars.length})` }}
            className={cn(
              "pointer-events-none absolute -top-2 z-10 whitespace-nowrap rounded bg-fg px-2 py-1 text-bg text-xs",
              at > bars.length * 0.75
                ? "-translate-x-full"
                : at < bars.length * 0.25
                  ? ""
                  : "-translate-x-1/2",
            )}
          >
            <span className="opacity-75">{shown.label}</span> {figure(shown)}
          </div>
        )}
      </div>
      <div aria-hidden="true" className="mt-2 ml-14 flex text-2xs text-fg-3">
        {bars.map((bar, i) => (
          <span key={bar.key} className="tabular relative h-4 min-w-0 flex-1">
            {i % every === 0 && <span className="absolute left-0 whitespace-nowrap">{bar.label}</span>}
          </span>
        ))}
      </div>
      <Figures label={label} bars={bars} figure={figure} />
    </figure>
  )
}

interface BarsProps extends BarChartProps {
  top: number
  at: number | null
  onAt: (index: number) => void
}

function Bars({ bars, tone = "text-series-1", partTone = "text-bad", top, at, onAt }: BarsProps) {
  const clip = useId()
  const width = 100 / bars.length
  const scaled = (value: number) => (top > 0 ? (value / top) * height : 0)
  return (
    <svg
      viewBox={`0 0 100 ${height}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      className="relative ml-14 block h-30 w-[calc(100%-56px)]"
    >
      <clipPath id={clip}>
        <rect x="0" y="0" width="100" height={height} />
      </clipPath>
      {bars.map((bar, i) => {
        const x = i * width + width * 0.16
        const whole = bar.value > 0 ? Math.max(1.5, scaled(bar.value)) : 0
        const part = bar.part ? Math.max(1.5, scaled(bar.part)) : 0
        return (
          <g key={bar.key} clipPath={`url(#${clip})`} onPointerEnter={() => onAt(i)}>
            <rect
              x={i * width}
              y="0"
              width={width}
              height={height}
              fill="currentColor"
              className={cn("text-fg", at === i ? "opacity-6" : "opacity-0")}
            />
            <rect
              x={x}
              y={height - whole}
              width={width * 0.68}
              height={whole}
              fill="currentColor"
              className={tone}
            />
            {part > 0 && (
              <rect
                x={x}
                y={height - part}
                width={width * 0.68}
                height={part}
                fill="currentColor"
                className={partTone}
              />
            )}
          </g>
        )
      })}
    </svg>
  )
}

function Figures({ label, bars, figure }: Pick<BarChartProps, "label" | "bars" | "figure">) {
  return (
    <table className="sr-only">
      <caption>{label}</caption>
      <tbody>
        {bars.map((bar) => (
          <tr key={bar.key}>
            <th scope="row">{bar.label}</th>
            <td>{figure(bar)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** The least of 1, 2, 4, 5, 10 times a power of ten that holds `value`; halves of it read well. */
export function niceTop(value: number): number {
  if (value <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  const step = [1, 2, 4, 5, 10].find((candidate) => candidate * power >= value - 1e-9) ?? 10
  return step * power
}
