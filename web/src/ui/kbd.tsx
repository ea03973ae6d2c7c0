/** Keys of a shortcut: "Mod+K" shows as Cmd on Apple systems and Ctrl elsewhere. */
import { cn } from "./cn"

const apple = typeof navigator !== "undefined" && /Mac|iP(hone|ad)/.test(navigator.userAgent)

interface KbdProps {
  keys: string
  inverted?: boolean
  className?: string
}

export function Kbd({ keys, inverted, className }: KbdProps) {
  return (
    <span className={cn("inline-flex items-center gap-0.5", className)}>
      {keys.split("+").map((key) => (
        <kbd
          key={key}
          className={cn(
            "inline-flex h-[18px] min-w-[18px] items-center justify-center rounded-xs border px-1 font-sans text-2xs",
            inverted ? "border-bg/25 text-bg" : "border-border bg-sunken text-fg-2",
          )}
        >
          {key === "Mod" ? (apple ? "\u2318" : "Ctrl") : key}
        </kbd>
      ))}
    </span>
  )
}
