/** Checkbox, switch and a segmented choice. */
import { Check, Minus } from "lucide-react"
import { Checkbox as RadixCheckbox, Switch as RadixSwitch, ToggleGroup } from "radix-ui"
import { type ReactNode, useId } from "react"
import { cn } from "./cn"
import { Icon } from "./icon"

interface CheckboxProps {
  checked: boolean | "indeterminate"
  onChecked: (checked: boolean) => void
  label: string
  hideLabel?: boolean
  help?: ReactNode
  disabled?: boolean
}

export function Checkbox({ checked, onChecked, label, hideLabel, help, disabled }: CheckboxProps) {
  const id = useId()
  return (
    <div className="flex items-start gap-2">
      <RadixCheckbox.Root
        id={id}
        checked={checked}
        disabled={disabled}
        onCheckedChange={(next) => onChecked(next === true)}
        aria-label={hideLabel ? label : undefined}
        className="mt-px grid size-4 shrink-0 place-items-center rounded-xs border border-border-strong bg-surface text-on-accent transition-colors disabled:opacity-50 data-[state=checked]:border-accent data-[state=indeterminate]:border-accent data-[state=checked]:bg-accent data-[state=indeterminate]:bg-accent"
      >
        <RadixCheckbox.Indicator>
          <Icon of={checked === "indeterminate" ? Minus : Check} size={12} />
        </RadixCheckbox.Indicator>
      </RadixCheckbox.Root>
      {!hideLabel && (
        <label htmlFor={id} className="text-sm">
          {label}
          {help && <span className="block text-fg-3 text-xs">{help}</span>}
        </label>
      )}
    </div>
  )
}

interface SwitchProps {
  checked: boolean
  onChecked: (checked: boolean) => void
  label: string
  hideLabel?: boolean
  disabled?: boolean
}

export function Switch({ checked, onChecked, label, hideLabel, disabled }: SwitchProps) {
  const id = useId()
  return (
    <div className="flex items-center gap-2">
      <RadixSwitch.Root
        id={id}
        checked={checked}
        disabled={disabled}
        onCheckedChange={onChecked}
        aria-label={hideLabel ? label : undefined}
        className="relative h-4.5 w-8 shrink-0 rounded-full bg-border-strong transition-colors disabled:opacity-50 data-[state=checked]:bg-accent"
      >
        <RadixSwitch.Thumb className="block size-3.5 translate-x-0.5 rounded-full bg-on-accent transition-transform data-[state=checked]:translate-x-4" />
      </RadixSwitch.Root>
      {!hideLabel && (
        <label htmlFor={id} className="text-sm">
          {label}
        </label>
      )}
    </div>
  )
}

interface SegmentedProps<T extends string> {
  value: T
  onValue: (value: T) => void
  options: readonly { value: T; label: ReactNode }[]
  label: string
  className?: string
}

/** Two to five exclusive views side by side. */
export function Segmented<T extends string>({
  value,
  onValue,
  options,
  label,
  className,
}: SegmentedProps<T>) {
  return (
    <ToggleGroup.Root
      type="single"
      value={value}
      onValueChange={(next) => next && onValue(next as T)}
      aria-label={label}
      className={cn("inline-flex h-8 items-stretch rounded border border-border bg-sunken p-0.5", className)}
    >
      {options.map((option) => (
        <ToggleGroup.Item
          key={option.value}
          value={option.value}
          className="inline-flex items-center gap-1.5 rounded-sm px-2.5 text-fg-2 text-xs transition-colors hover:text-fg data-[state=on]:bg-surface data-[state=on]:font-medium data-[state=on]:text-fg data-[state=on]:shadow-[0_0_0_1px_var(--border)]"
        >
          {option.label}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  )
}
