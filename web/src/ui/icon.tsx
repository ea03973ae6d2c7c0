/** Icons of one size and stroke; decorative unless they are given a label. */
import type { LucideIcon } from "lucide-react"
import { cn } from "./cn"

export type { LucideIcon }

interface IconProps {
  of: LucideIcon
  label?: string
  size?: number
  className?: string
}

export function Icon({ of: Glyph, label, size = 16, className }: IconProps) {
  return (
    <Glyph
      size={size}
      strokeWidth={1.75}
      aria-hidden={label ? undefined : true}
      aria-label={label}
      role={label ? "img" : undefined}
      className={cn("shrink-0", className)}
    />
  )
}
