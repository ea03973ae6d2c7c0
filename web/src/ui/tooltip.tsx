/** A tooltip for what has no visible words; never the only place of something needed. */
import { Tooltip as Radix } from "radix-ui"
import type { ReactNode } from "react"
import { Kbd } from "./kbd"

interface TooltipProps {
  words: ReactNode
  shortcut?: string
  side?: "top" | "right" | "bottom" | "left"
  children: ReactNode
}

export const TooltipProvider = Radix.Provider

export function Tooltip({ words, shortcut, side = "top", children }: TooltipProps) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="z-50 flex max-w-72 animate-fade items-center gap-2 rounded bg-fg px-2 py-1 text-bg text-xs"
        >
          {words}
          {shortcut && <Kbd keys={shortcut} inverted />}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
