/** One line about what has just come of something, until it is put away. */
import { CircleCheck, CircleX, Info, X } from "lucide-react"
import type { ReactNode } from "react"
import { IconButton } from "./button"
import { cn } from "./cn"
import { Icon, type LucideIcon } from "./icon"

type Tone = "ok" | "bad" | "info"

const tones: Record<Tone, { icon: LucideIcon; className: string }> = {
  ok: { icon: CircleCheck, className: "bg-ok-soft text-ok" },
  bad: { icon: CircleX, className: "bg-bad-soft text-bad" },
  info: { icon: Info, className: "bg-info-soft text-info" },
}

interface NoticeProps {
  tone: Tone
  onClose: () => void
  children: ReactNode
}

export function Notice({ tone, onClose, children }: NoticeProps) {
  const { icon, className } = tones[tone]
  return (
    <div
      role={tone === "bad" ? "alert" : "status"}
      className={cn("flex items-start gap-2 rounded px-3 py-2", className)}
    >
      <Icon of={icon} className="mt-0.5" />
      <p className="min-w-0 flex-1 break-words text-fg">{children}</p>
      <IconButton icon={X} label="Close" size="sm" onClick={onClose} />
    </div>
  )
}
