/** Short values side by side: names, patterns, rules; long lists fold. */
import { type ReactNode, useState } from "react"
import { cn } from "./cn"
import { Icon, type LucideIcon } from "./icon"
import { Tooltip } from "./tooltip"

const shown_at_first = 24

const tones = {
  neutral: "border-border bg-sunken text-fg",
  ok: "border-transparent bg-ok-soft text-ok",
  bad: "border-transparent bg-bad-soft text-bad",
  quiet: "border-border border-dashed text-fg-3",
}

export interface ChipItem {
  key: string
  words: ReactNode
  /** Said on hover and to screen readers. */
  note?: string
  tone?: keyof typeof tones
  icon?: LucideIcon
}

export function Chips({ items, none = "None" }: { items: readonly ChipItem[]; none?: string }) {
  const [all, setAll] = useState(false)
  if (items.length === 0) return <span className="text-fg-3">{none}</span>
  const shown = all ? items : items.slice(0, shown_at_first)
  return (
    <ul className="flex flex-wrap gap-1">
      {shown.map((item) => (
        <li key={item.key} className="min-w-0 max-w-full">
          <Chip item={item} />
        </li>
      ))}
      {shown.length < items.length && (
        <li>
          <button
            type="button"
            onClick={() => setAll(true)}
            className="h-5.5 px-1 text-accent-text text-xs hover:underline"
          >
            {items.length - shown.length} more
          </button>
        </li>
      )}
    </ul>
  )
}

function Chip({ item }: { item: ChipItem }) {
  const chip = (
    <span
      className={cn(
        "inline-flex h-5.5 max-w-full items-center gap-1 rounded-sm border px-1.5 font-mono text-xs",
        tones[item.tone ?? "neutral"],
      )}
    >
      {item.icon && <Icon of={item.icon} size={12} />}
      <span className="truncate">{item.words}</span>
      {item.note && <span className="sr-only">, {item.note}</span>}
    </span>
  )
  return item.note ? <Tooltip words={item.note}>{chip}</Tooltip> : chip
}
