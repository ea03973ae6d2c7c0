/** The state of a server: words, icon and colour, the reason beside it. */
import { CircleCheck, CircleSlash, KeyRound, LoaderCircle, Unplug } from "lucide-react"
import type { Tone } from "./badge"
import { cn } from "./cn"
import { Icon, type LucideIcon } from "./icon"

type State = "connected" | "connecting" | "sign_in_needed" | "down" | "disabled"

const states: Record<State, { words: string; icon: LucideIcon; className: string; tone: Tone }> = {
  connected: { words: "Connected", icon: CircleCheck, className: "text-ok", tone: "ok" },
  connecting: { words: "Connecting", icon: LoaderCircle, className: "text-info", tone: "info" },
  sign_in_needed: { words: "Needs sign-in", icon: KeyRound, className: "text-warn", tone: "warn" },
  down: { words: "Down", icon: Unplug, className: "text-bad", tone: "bad" },
  disabled: { words: "Disabled", icon: CircleSlash, className: "text-fg-3", tone: "neutral" },
}

export function ServerStateLabel({ state, className }: { state: State; className?: string }) {
  const { words, icon, className: colour } = states[state]
  return (
    <span className={cn("inline-flex items-center gap-1.5 whitespace-nowrap font-medium", colour, className)}>
      <Icon of={icon} size={14} className={state === "connecting" ? "animate-turn" : undefined} />
      {words}
    </span>
  )
}
