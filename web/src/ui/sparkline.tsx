/** The course of a figure in one line, without axes; the figure beside it carries the meaning. */
import { cn } from "./cn"

interface SparklineProps {
  values: readonly number[]
  className?: string
}

export function Sparkline({ values, className }: SparklineProps) {
  const highest = Math.max(...values, 1e-9)
  const step = 100 / (values.length - 1)
  const points = values.map(
    (value, i) => `${(i * step).toFixed(2)},${(22 - (value / highest) * 20).toFixed(2)}`,
  )
  return (
    <svg
      viewBox="0 0 100 24"
      preserveAspectRatio="none"
      aria-hidden="true"
      className={cn("text-accent", className)}
    >
      <polygon points={`0,24 ${points.join(" ")} 100,24`} fill="currentColor" opacity="0.1" />
      <polyline
        points={points.join(" ")}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinejoin="round"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  )
}
