/** The sheet: a modal drawer, for phones. */
import { Dialog as Radix } from "radix-ui"
import type { ReactNode } from "react"
import { cn } from "./cn"

export interface SheetProps {
  open: boolean
  onOpen: (open: boolean) => void
  label: string
  side?: "left" | "right"
  className?: string
  children: ReactNode
}

export function Sheet({ open, onOpen, label, side = "left", className, children }: SheetProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpen}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-fade bg-overlay" />
        <Radix.Content
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => {
            event.preventDefault()
            ;(event.target as HTMLElement).focus()
          }}
          className={cn(
            "fixed inset-y-0 z-40 outline-none flex w-[min(300px,86vw)] flex-col bg-surface shadow-float",
            side === "left" ? "left-0 animate-slide-in-left border-r" : "right-0 animate-slide-in border-l",
            className,
          )}
        >
          <Radix.Title className="sr-only">{label}</Radix.Title>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
