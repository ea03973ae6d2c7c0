/** Several choices of a short list; none chosen means any. */
import { Check, ChevronsUpDown } from "lucide-react"
import { DropdownMenu as Radix } from "radix-ui"
import { cn } from "./cn"
import { Icon } from "./icon"
import { controlStyle } from "./input"
import { MenuContent, menuItemStyle } from "./menu"

interface MultiSelectProps<T extends string> {
  label: string
  /** What stands there while nothing is chosen. */
  any: string
  values: readonly T[]
  onValues: (values: T[]) => void
  options: readonly { value: T; label: string; note?: string }[]
  className?: string
}

export function MultiSelect<T extends string>(props: MultiSelectProps<T>) {
  const { label, any, values, onValues, options, className } = props
  const chosen = options.filter((option) => values.includes(option.value))
  const toggle = (value: T) =>
    onValues(
      options
        .map((option) => option.value)
        .filter((one) => (one === value ? !values.includes(one) : values.includes(one))),
    )
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger
        aria-label={`${label}: ${chosenWords(chosen, any)}`}
        className={cn(
          controlStyle,
          "inline-flex h-8 items-center justify-between gap-2 text-left",
          className,
        )}
      >
        <span className="truncate">{chosenWords(chosen, any)}</span>
        <Icon of={ChevronsUpDown} size={14} className="text-fg-3" />
      </Radix.Trigger>
      <MenuContent align="start" className="min-w-(--radix-dropdown-menu-trigger-width)">
        <Radix.Item
          disabled={chosen.length === 0}
          onSelect={() => onValues([])}
          className={cn(menuItemStyle, "pl-7.5")}
        >
          {any}
        </Radix.Item>
        {options.map((option) => (
          <Radix.CheckboxItem
            key={option.value}
            checked={values.includes(option.value)}
            onCheckedChange={() => toggle(option.value)}
            onSelect={(event) => event.preventDefault()}
            className={cn(menuItemStyle, "pl-7.5")}
          >
            <Radix.ItemIndicator className="absolute left-2">
              <Icon of={Check} size={14} />
            </Radix.ItemIndicator>
            {option.label}
            {option.note && <span className="tabular ml-auto pl-4 text-fg-3 text-xs">{option.note}</span>}
          </Radix.CheckboxItem>
        ))}
      </MenuContent>
    </Radix.Root>
  )
}

/** "Any outcome", "Denied", "Denied or Blocked", "3 chosen" */
function chosenWords(chosen: readonly { label: string }[], any: string): string {
  if (chosen.length === 0) return any
  if (chosen.length > 2) return `${chosen.length} chosen`
  return chosen.map((option) => option.label).join(" or ")
}
