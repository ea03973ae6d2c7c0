/** Small state in words: badge, verdict chip, state dot. State is always text + icon + colour. */
import {
  Ban,
  Check,
  CircleHelp,
  CircleSlash,
  CircleX,
  Info,
  LoaderCircle,
  ShieldX,
  TriangleAlert,
} from "lucide-react"
import type { ReactNode } from "react"
import { cn } from "./cn"
import { Icon, type LucideIcon } from "./icon"

export type Tone = "neutral" | "accent" | "ok" | "warn" | "bad" | "info"

const badge_tone: Record<Tone, string> = {
  neutral: "bg-sunken text-fg-2",
  accent: "bg-accent-soft text-accent-text",
  ok: "bg-ok-soft text-ok",
  warn: "bg-warn-soft text-warn",
  bad: "bg-bad-soft text-bad",
  info: "bg-info-soft text-info",
}

interface BadgeProps {
  tone?: Tone
  icon?: LucideIcon
  title?: string
  className?: string
  children: ReactNode
}

export function Badge({ tone = "neutral", icon, title, className, children }: BadgeProps) {
  return (
    <span
      title={title}
      className={cn(
        "inline-flex h-5 items-center gap-1 whitespace-nowrap rounded-sm px-1.5 font-medium text-xs",
        badge_tone[tone],
        className,
      )}
    >
      {icon && <Icon of={icon} size={12} />}
      {children}
    </span>
  )
}

export type Verdict =
  | "passed"
  | "ok"
  | "denied"
  | "blocked"
  | "warned"
  | "failed"
  | "running"
  | "cancelled"
  | "unknown"
  | "info"

export const verdicts: Record<Verdict, { icon: LucideIcon; tone: Tone; words: string }> = {
  passed: { icon: Check, tone: "ok", words: "Passed" },
  ok: { icon: Check, tone: "ok", words: "Done" },
  denied: { icon: ShieldX, tone: "bad", words: "Denied" },
  blocked: { icon: Ban, tone: "bad", words: "Blocked" },
  warned: { icon: TriangleAlert, tone: "warn", words: "Warned" },
  failed: { icon: CircleX, tone: "bad", words: "Failed" },
  running: { icon: LoaderCircle, tone: "info", words: "Running" },
  cancelled: { icon: CircleSlash, tone: "neutral", words: "Stopped" },
  unknown: { icon: CircleHelp, tone: "neutral", words: "Unknown" },
  info: { icon: Info, tone: "neutral", words: "Noted" },
}

export function VerdictChip({
  verdict,
  words,
  className,
}: {
  verdict: Verdict
  words?: string
  className?: string
}) {
  const { icon, tone, words: usual } = verdicts[verdict]
  return (
    <span
      className={cn(
        "inline-flex h-5 items-center gap-1 whitespace-nowrap rounded-sm px-1.5 font-medium text-xs",
        badge_tone[tone],
        className,
      )}
    >
      <Icon of={icon} size={12} className={verdict === "running" ? "animate-turn" : undefined} />
      {words ?? usual}
    </span>
  )
}

const dot_tone: Record<Tone, string> = {
  neutral: "bg-fg-3",
  accent: "bg-accent",
  ok: "bg-ok",
  warn: "bg-warn",
  bad: "bg-bad",
  info: "bg-info",
}

/** A dot never stands alone: its words are beside it. */
export function StateDot({ tone, hollow, children }: { tone: Tone; hollow?: boolean; children: ReactNode }) {
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
      <span
        aria-hidden="true"
        className={cn("size-2 rounded-full", hollow ? "border-2 border-fg-3" : dot_tone[tone])}
      />
      {children}
    </span>
  )
}
