/** A share of a whole as a bar; the words beside it carry the figure. */
import { cn } from "./cn"

interface MeterProps {
  /** 0 to 1; what is left. */
  share: number
  label: string
  className?: string
}

export function Meter({ share, label, className }: MeterProps) {
  const bounded = Math.min(1, Math.max(0, share))
  const low = bounded < 0.1
  return (
    <span
      role="img"
      aria-label={label}
      className={cn("block h-1 overflow-hidden rounded-full", low ? "bg-bad/30" : "bg-border", className)}
    >
      <span
        style={{ width: `${bounded * 100}%` }}
        className={cn("block h-full rounded-full", low ? "bg-bad" : "bg-accent")}
      />
    </span>
  )
}
