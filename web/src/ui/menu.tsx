/** A dropdown menu of actions or choices. */
import { Check } from "lucide-react"
import { DropdownMenu as Radix } from "radix-ui"
import type { ComponentProps, ReactNode } from "react"
import { cn } from "./cn"
import { Icon, type LucideIcon } from "./icon"
import { Kbd } from "./kbd"

export const menuStyle =
  "z-50 min-w-44 max-w-80 origin-(--radix-popper-transform-origin) max-h-(--radix-popper-available-height) animate-enter overflow-y-auto overflow-x-hidden rounded border border-border bg-raised p-1 shadow-float"

export const menuItemStyle =
  "relative flex min-h-7.5 select-none items-center gap-2 rounded-sm px-2 py-1 text-sm outline-none data-[highlighted]:bg-hover data-[disabled]:opacity-50"

/** Not modal: the page behind stays readable to assistive technology and does not jump. */
export function Menu(props: ComponentProps<typeof Radix.Root>) {
  return <Radix.Root modal={false} {...props} />
}

export const MenuTrigger = Radix.Trigger

export function MenuContent({ className, ...rest }: ComponentProps<typeof Radix.Content>) {
  return (
    <Radix.Portal>
      <Radix.Content sideOffset={4} collisionPadding={8} {...rest} className={cn(menuStyle, className)} />
    </Radix.Portal>
  )
}

interface MenuItemProps extends Omit<ComponentProps<typeof Radix.Item>, "children"> {
  icon?: LucideIcon
  shortcut?: string
  danger?: boolean
  children: ReactNode
}

export function MenuItem({ icon, shortcut, danger, className, children, asChild, ...rest }: MenuItemProps) {
  if (asChild) {
    return (
      <Radix.Item {...rest} asChild className={cn(menuItemStyle, className)}>
        {children}
      </Radix.Item>
    )
  }
  return (
    <Radix.Item {...rest} className={cn(menuItemStyle, danger && "text-bad", className)}>
      {icon && <Icon of={icon} size={14} className={danger ? undefined : "text-fg-3"} />}
      <span className="flex-1 truncate">{children}</span>
      {shortcut && <Kbd keys={shortcut} />}
    </Radix.Item>
  )
}

interface MenuChoiceProps<T extends string> {
  label: string
  value: T
  onValue: (value: T) => void
  options: readonly { value: T; label: string; icon?: LucideIcon }[]
}

/** A labelled group of which one is on. */
export function MenuChoice<T extends string>({ label, value, onValue, options }: MenuChoiceProps<T>) {
  return (
    <>
      <MenuLabel>{label}</MenuLabel>
      <Radix.RadioGroup value={value} onValueChange={(next) => onValue(next as T)}>
        {options.map((option) => (
          <Radix.RadioItem
            key={option.value}
            value={option.value}
            onSelect={(event) => event.preventDefault()}
            className={menuItemStyle}
          >
            {option.icon && <Icon of={option.icon} size={14} className="text-fg-3" />}
            <span className="flex-1">{option.label}</span>
            <Radix.ItemIndicator>
              <Icon of={Check} size={14} />
            </Radix.ItemIndicator>
          </Radix.RadioItem>
        ))}
      </Radix.RadioGroup>
    </>
  )
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className="px-2 pt-1.5 pb-1 font-medium text-2xs text-fg-3">{children}</Radix.Label>
}

export function MenuSeparator() {
  return <Radix.Separator className="-mx-1 my-1 h-px bg-border" />
}
