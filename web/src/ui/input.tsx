/** Text controls: input, textarea that grows, search and password fields. */
import { Eye, EyeOff, Search, X } from "lucide-react"
import { type ComponentProps, useState } from "react"
import { cn } from "./cn"
import { useFieldControl } from "./field"
import { Icon } from "./icon"

export const controlStyle =
  "w-full rounded border border-border-strong bg-surface px-2.5 text-fg text-sm transition-colors hover:border-fg-3 focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0 disabled:bg-sunken disabled:text-fg-2 disabled:border-border aria-invalid:border-bad"

export function Input({ className, ...rest }: ComponentProps<"input">) {
  return <input {...useFieldControl()} {...rest} className={cn(controlStyle, "h-8", className)} />
}

/** Grows with its text; `maxRows` bounds it, then it scrolls. */
export function Textarea({
  className,
  maxRows = 10,
  ...rest
}: ComponentProps<"textarea"> & { maxRows?: number }) {
  return (
    <textarea
      rows={3}
      {...useFieldControl()}
      {...rest}
      style={{ maxHeight: `calc(${maxRows} * 1.45em + 1rem)`, ...rest.style }}
      className={cn(controlStyle, "field-sizing-content resize-none py-1.5", className)}
    />
  )
}

export function PasswordInput({ className, ...rest }: Omit<ComponentProps<"input">, "type">) {
  const [shown, setShown] = useState(false)
  return (
    <div className="relative">
      <Input {...rest} type={shown ? "text" : "password"} className={cn("pr-9", className)} />
      <button
        type="button"
        aria-label={shown ? "Hide password" : "Show password"}
        onClick={() => setShown(!shown)}
        className="absolute inset-y-0 right-0 grid w-8 place-items-center rounded text-fg-3 hover:text-fg"
      >
        <Icon of={shown ? EyeOff : Eye} size={14} />
      </button>
    </div>
  )
}

interface SearchInputProps extends Omit<ComponentProps<"input">, "value" | "onChange" | "type"> {
  value: string
  onValue: (value: string) => void
  label: string
}

export function SearchInput({ value, onValue, label, className, ...rest }: SearchInputProps) {
  return (
    <div className={cn("relative", className)}>
      <Icon
        of={Search}
        size={14}
        className="-translate-y-1/2 pointer-events-none absolute top-1/2 left-2.5 text-fg-3"
      />
      <Input
        type="text"
        role="searchbox"
        aria-label={label}
        placeholder={label}
        value={value}
        onChange={(event) => onValue(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape" && value) {
            event.stopPropagation()
            onValue("")
          }
        }}
        {...rest}
        className="border-border px-8 hover:border-border-strong"
      />
      {value && (
        <button
          type="button"
          aria-label="Clear search"
          onClick={() => onValue("")}
          className="absolute inset-y-0 right-0 grid w-8 place-items-center rounded text-fg-3 hover:text-fg"
        >
          <Icon of={X} size={14} />
        </button>
      )}
    </div>
  )
}
