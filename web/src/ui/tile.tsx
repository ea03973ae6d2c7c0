/** A figure with its unit, its change, its course and its age; empty and error each say what and what next. */
import type { ReactNode } from "react"
import { cn } from "./cn"
import { Sparkline } from "./sparkline"
import { Skeleton } from "./states"
import { Time } from "./time"

interface TileProps {
  label: string
  /** Absent while loading; null when there is nothing to show, then `empty` speaks. */
  figure?: string | null
  unit?: string
  /** Change against the period before: figure, and the whole in words for those who do not see it. */
  change?: { figure: string; words: string; tone?: "ok" | "bad" | "neutral" }
  course?: readonly number[]
  as_of?: string
  note?: ReactNode
  empty?: ReactNode
  error?: { words: string; onRetry: () => void } | null
  className?: string
}

const change_tone = { ok: "text-ok", bad: "text-bad", neutral: "text-fg-2" }

export function Tile({
  label,
  figure,
  unit,
  change,
  course,
  as_of,
  note,
  empty,
  error,
  className,
}: TileProps) {
  return (
    <div className={cn("flex min-h-27 min-w-0 flex-col gap-1 rounded border bg-surface p-3", className)}>
      <div className="flex items-baseline justify-between gap-2 text-xs">
        <span className="truncate font-medium text-fg-2">{label}</span>
        {as_of && <Time at={as_of} className="text-2xs text-fg-3" />}
      </div>
      {error ? (
        <TileError {...error} />
      ) : figure === undefined ? (
        <Skeleton className="mt-1 h-6 w-24" />
      ) : figure === null ? (
        <div className="text-fg-2 text-xs">{empty}</div>
      ) : (
        <p className="tabular flex flex-wrap items-baseline gap-x-1.5 leading-tight">
          <span className="font-semibold text-xl tracking-tight">{figure}</span>
          {unit && <span className="text-fg-2 text-xs">{unit}</span>}
          {change && (
            <span className={cn("text-xs", change_tone[change.tone ?? "neutral"])}>
              <span aria-hidden="true">{change.figure}</span>
              <span className="sr-only">{change.words}</span>
            </span>
          )}
        </p>
      )}
      {note && <div className="text-fg-3 text-xs">{note}</div>}
      {course && course.length > 1 && <Sparkline values={course} className="mt-auto h-6 w-full" />}
    </div>
  )
}

function TileError({ words, onRetry }: { words: string; onRetry: () => void }) {
  return (
    <p role="alert" className="text-bad text-xs">
      {words}{" "}
      <button type="button" onClick={onRetry} className="font-medium underline underline-offset-2">
        Retry
      </button>
    </p>
  )
}
