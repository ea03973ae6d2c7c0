/** Credits left today, as the last settlement said. */
import type { Me } from "@/api/types"
import { useChat } from "@/features/chat/store"
import { credits } from "@/lib/format"
import { clock } from "@/lib/time"
import { cn } from "@/ui/cn"
import { Tooltip } from "@/ui/tooltip"

export function Credits({ me }: { me: Me }) {
  const live = useChat((state) => state.remaining_micros)
  const remaining = live ?? me.remaining_micros
  if (remaining === null || me.limit_micros === null) return null
  const share = me.limit_micros > 0 ? Math.min(1, Math.max(0, remaining / me.limit_micros)) : 0
  const low = share < 0.1
  return (
    <Tooltip
      side="bottom"
      words={`${credits(remaining, me.credit_micros)} of ${credits(me.limit_micros, me.credit_micros)} credits left${
        me.resets_at ? `; full again at ${clock(new Date(me.resets_at))}` : ""
      }`}
    >
      <button type="button" className="flex h-7 cursor-default items-center gap-2 rounded px-2 text-xs">
        <span className={cn("tabular whitespace-nowrap", low ? "text-bad" : "text-fg-2")}>
          {credits(remaining, me.credit_micros)}
          <span className="max-sm:sr-only"> credits left</span>
        </span>
        <span aria-hidden="true" className="h-1 w-10 overflow-hidden rounded-full bg-border max-sm:hidden">
          <span
            style={{ width: `${share * 100}%` }}
            className={cn("block h-full rounded-full", low ? "bg-bad" : "bg-accent")}
          />
        </span>
      </button>
    </Tooltip>
  )
}
