/** Times that keep themselves fresh: relative words, the exact UTC on hover. */
import { useSyncExternalStore } from "react"
import { duration, exactUtc, relativeTime } from "@/lib/time"
import { cn } from "./cn"
import { Tooltip } from "./tooltip"

const tick_ms = 20_000

interface TimeProps {
  at: string | null | undefined
  /** Words when there is no time. */
  never?: string
  className?: string
}

export function Time({ at, never = "never", className }: TimeProps) {
  const now_ms = useNow()
  if (!at) return <span className={cn("text-fg-3", className)}>{never}</span>
  const date = new Date(at)
  return (
    <Tooltip words={<span className="tabular">{exactUtc(date)}</span>}>
      <time dateTime={at} className={cn("tabular whitespace-nowrap", className)}>
        {relativeTime(date, new Date(now_ms))}
      </time>
    </Tooltip>
  )
}

/** The same in a line that is a link of its own, or one of very many: the exact time is the browser's own tip. */
export function BriefTime({ at, className }: { at: string; className?: string }) {
  const now_ms = useNow()
  const date = new Date(at)
  return (
    <time dateTime={at} title={exactUtc(date)} className={cn("tabular whitespace-nowrap", className)}>
      {relativeTime(date, new Date(now_ms))}
    </time>
  )
}

export function Duration({ ms, className }: { ms: number | null | undefined; className?: string }) {
  if (ms === null || ms === undefined) return <span className={cn("text-fg-3", className)}>{"\u2013"}</span>
  return <span className={cn("tabular whitespace-nowrap", className)}>{duration(ms)}</span>
}

let shared_now_ms = Date.now()
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

/** One clock for all times on the page, in steps of 20 s. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, sharedNow, sharedNow)
}

function sharedNow(): number {
  return shared_now_ms
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  timer ??= setInterval(() => {
    shared_now_ms = Date.now()
    for (const notify of listeners) notify()
  }, tick_ms)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) {
      clearInterval(timer)
      timer = undefined
    }
  }
}
