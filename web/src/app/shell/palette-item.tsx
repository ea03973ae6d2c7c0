/** One line and one group of the palette. */
import { Command } from "cmdk"
import type { ReactNode } from "react"
import { Icon, type LucideIcon } from "@/ui/icon"

export const item_style =
  "flex h-9 cursor-pointer items-center gap-2.5 rounded px-2 text-sm data-[selected=true]:bg-hover"

interface ItemProps {
  icon: LucideIcon
  value: string
  keywords?: readonly string[]
  onSelect: () => void
  children: ReactNode
}

export function Item({ icon, value, keywords, onSelect, children }: ItemProps) {
  return (
    <Command.Item
      value={value}
      keywords={keywords && [...keywords]}
      onSelect={onSelect}
      className={item_style}
    >
      <Icon of={icon} className="text-fg-3" />
      {children}
    </Command.Item>
  )
}

export function Group({
  heading,
  forceMount,
  children,
}: {
  heading: string
  forceMount?: boolean
  children: ReactNode
}) {
  return (
    <Command.Group
      heading={heading}
      forceMount={forceMount}
      className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-2xs [&_[cmdk-group-heading]]:text-fg-3"
    >
      {children}
    </Command.Group>
  )
}
