/** One choice of a short list. */
import { Check, ChevronsUpDown } from "lucide-react"
import { Select as Radix } from "radix-ui"
import type { ReactNode } from "react"
import { cn } from "./cn"
import { useFieldControl } from "./field"
import { Icon } from "./icon"
import { controlStyle } from "./input"
import { menuItemStyle, menuStyle } from "./menu"

export interface Option<T extends string> {
  value: T
  label: string
  note?: ReactNode
}

interface SelectProps<T extends string> {
  value: T
  onValue: (value: T) => void
  options: readonly Option<T>[]
  label?: string
  disabled?: boolean
  className?: string
}

/** `label` names the control where no Field does. */
export function Select<T extends string>({
  value,
  onValue,
  options,
  label,
  disabled,
  className,
}: SelectProps<T>) {
  return (
    <Radix.Root value={value} onValueChange={(next) => onValue(next as T)} disabled={disabled}>
      <Radix.Trigger
        {...useFieldControl()}
        aria-label={label}
        className={cn(
          controlStyle,
          "inline-flex h-8 items-center justify-between gap-2 text-left",
          className,
        )}
      >
        <span className="truncate">
          <Radix.Value placeholder={<span className="text-fg-2">Choose</span>} />
        </span>
        <Icon of={ChevronsUpDown} size={14} className="text-fg-3" />
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          position="popper"
          sideOffset={4}
          className={cn(menuStyle, "min-w-(--radix-select-trigger-width)")}
        >
          <Radix.Viewport className="max-h-80">
            {options.map((option) => (
              <Radix.Item key={option.value} value={option.value} className={cn(menuItemStyle, "pr-8")}>
                <span className="min-w-0">
                  <Radix.ItemText>{option.label}</Radix.ItemText>
                  {option.note && <span className="block text-fg-3 text-xs">{option.note}</span>}
                </span>
                <Radix.ItemIndicator className="absolute right-2">
                  <Icon of={Check} size={14} />
                </Radix.ItemIndicator>
              </Radix.Item>
            ))}
          </Radix.Viewport>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
