/** Whether something is proven to be what was recorded: state in words, icon and colour; the reason on hover. */
import { CircleHelp, Hourglass, ShieldCheck, ShieldX } from "lucide-react"
import type { ReactNode } from "react"
import { Badge, type Tone } from "./badge"
import type { LucideIcon } from "./icon"
import { Tooltip } from "./tooltip"

export type ProofState = "verified" | "unsealed" | "broken" | "unchecked"

const states: Record<ProofState, { tone: Tone; icon: LucideIcon }> = {
  verified: { tone: "ok", icon: ShieldCheck },
  unsealed: { tone: "info", icon: Hourglass },
  broken: { tone: "bad", icon: ShieldX },
  unchecked: { tone: "neutral", icon: CircleHelp },
}

interface ProofBadgeProps {
  state: ProofState
  reason: string
  children: ReactNode
}

export function ProofBadge({ state, reason, children }: ProofBadgeProps) {
  const { tone, icon } = states[state]
  return (
    <Tooltip words={reason}>
      <span>
        <Badge tone={tone} icon={icon}>
          {children}
        </Badge>
      </span>
    </Tooltip>
  )
}
