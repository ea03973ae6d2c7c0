/** How far something is that goes on; without a share nobody knows how much there is. */
import { cn } from "./cn"

interface ProgressProps {
  /** 0 to 1. */
  share: number | null
  /** The figure in words. */
  words: string
  className?: string
}

export function Progress({ share, words, className }: ProgressProps) {
  return (
    <div
      role="progressbar"
      aria-label={words}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={share === null ? undefined : Math.floor(share * 100)}
      className={cn("h-1.5 overflow-hidden rounded-full bg-border", className)}
    >
      <div
        style={{ width: share === null ? "30%" : `${share * 100}%` }}
        className={cn("h-full rounded-full bg-accent", share === null && "animate-skeleton")}
      />
    </div>
  )
}
