/** What a person does now, as a dot with words. */
import { cn } from "@/ui/cn"
import type { Doing } from "./panel-state"

const looks: Record<Doing, { dot: string; words: string }> = {
  idle: { dot: "bg-ok", words: "Idle" },
  thinking: { dot: "bg-info", words: "Thinking" },
  calling: { dot: "bg-accent", words: "Calling a tool" },
  waiting: { dot: "bg-warn", words: "Waiting" },
  blocked: { dot: "bg-bad", words: "Blocked" },
  offline: { dot: "bg-fg-3", words: "Offline" },
}

export function StateDot({ doing, className }: { doing: Doing; className?: string }) {
  const { dot, words } = looks[doing]
  return (
    <span className={cn("inline-flex items-center gap-1.5 whitespace-nowrap text-fg-2 text-xs", className)}>
      <span aria-hidden="true" className={cn("size-2 rounded-full", dot)} />
      {words}
    </span>
  )
}
