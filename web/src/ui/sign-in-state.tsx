/** How a sign-in stands: words, icon and colour. */
import { CircleCheck, CircleX, KeyRound, TriangleAlert } from "lucide-react"
import { cn } from "./cn"
import { Icon, type LucideIcon } from "./icon"

type State = "needed" | "connected" | "ended" | "failed"

const states: Record<State, { words: string; icon: LucideIcon; className: string }> = {
  connected: { words: "Signed in", icon: CircleCheck, className: "text-ok" },
  needed: { words: "Needs a sign-in", icon: KeyRound, className: "text-warn" },
  ended: { words: "Sign-in ended", icon: TriangleAlert, className: "text-warn" },
  failed: { words: "Sign-in failed", icon: CircleX, className: "text-bad" },
}

export function SignInStateLabel({ state, className }: { state: State; className?: string }) {
  const { words, icon, className: colour } = states[state]
  return (
    <span className={cn("inline-flex items-center gap-1.5 whitespace-nowrap font-medium", colour, className)}>
      <Icon of={icon} size={14} />
      {words}
    </span>
  )
}
