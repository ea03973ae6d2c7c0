/** Light floating things: popover and hover card. */
import { HoverCard as RadixHover, Popover as RadixPopover } from "radix-ui"
import type { ComponentProps, ReactNode } from "react"
import { cn } from "./cn"

const panelStyle =
  "z-50 origin-(--radix-popper-transform-origin) animate-enter rounded border border-border bg-raised p-3 text-sm shadow-float"

export const Popover = RadixPopover.Root
export const PopoverTrigger = RadixPopover.Trigger
export const PopoverClose = RadixPopover.Close

export function PopoverContent({ className, ...rest }: ComponentProps<typeof RadixPopover.Content>) {
  return (
    <RadixPopover.Portal>
      <RadixPopover.Content
        sideOffset={4}
        collisionPadding={8}
        {...rest}
        className={cn(panelStyle, "max-w-[calc(100vw-16px)]", className)}
      />
    </RadixPopover.Portal>
  )
}

interface HoverCardProps {
  card: ReactNode
  children: ReactNode
  className?: string
}

/** More about what the pointer rests on; the same facts must be reachable by a link. */
export function HoverCard({ card, children, className }: HoverCardProps) {
  return (
    <RadixHover.Root openDelay={350} closeDelay={120}>
      <RadixHover.Trigger asChild>{children}</RadixHover.Trigger>
      <RadixHover.Portal>
        <RadixHover.Content
          side="bottom"
          align="start"
          sideOffset={6}
          collisionPadding={8}
          className={cn(panelStyle, "w-72", className)}
        >
          {card}
        </RadixHover.Content>
      </RadixHover.Portal>
    </RadixHover.Root>
  )
}
