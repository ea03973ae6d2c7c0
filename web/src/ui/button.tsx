/** Buttons: one primary a view, quiet ones for the rest; icon buttons always carry a label. */
import { cva, type VariantProps } from "class-variance-authority"
import { LoaderCircle } from "lucide-react"
import { Slot } from "radix-ui"
import type { ComponentProps } from "react"
import { cn } from "./cn"
import { Icon, type LucideIcon } from "./icon"
import { Tooltip } from "./tooltip"

export const buttonStyle = cva(
  "inline-flex shrink-0 items-center justify-center gap-1.5 rounded font-medium whitespace-nowrap select-none transition-colors disabled:opacity-50 disabled:pointer-events-none aria-disabled:opacity-50",
  {
    variants: {
      variant: {
        primary: "bg-accent text-on-accent hover:bg-accent-hover",
        secondary: "border border-border bg-surface text-fg hover:bg-hover data-[state=open]:bg-hover",
        quiet: "text-fg-2 hover:bg-hover hover:text-fg data-[state=open]:bg-hover data-[state=open]:text-fg",
        danger: "bg-bad text-surface hover:bg-bad-hover",
        link: "text-accent-text underline-offset-2 hover:underline",
      },
      size: {
        sm: "h-7 px-2 text-xs",
        md: "h-8 px-3 text-sm",
        lg: "h-9 px-4 text-base",
        inline: "h-auto px-0",
      },
    },
    defaultVariants: { variant: "secondary", size: "md" },
  },
)

export interface ButtonProps extends ComponentProps<"button">, VariantProps<typeof buttonStyle> {
  icon?: LucideIcon
  busy?: boolean
  asChild?: boolean
}

export function Button({ variant, size, icon, busy, asChild, className, children, ...rest }: ButtonProps) {
  const style = cn(buttonStyle({ variant, size }), className)
  if (asChild) {
    return (
      <Slot.Root className={style} {...rest}>
        {children}
      </Slot.Root>
    )
  }
  return (
    <button type="button" {...rest} className={style} disabled={rest.disabled || busy} aria-busy={busy}>
      {busy ? (
        <Icon of={LoaderCircle} size={14} className="animate-turn" />
      ) : (
        icon && <Icon of={icon} size={size === "sm" ? 14 : 16} />
      )}
      {children}
    </button>
  )
}

interface IconButtonProps extends Omit<ComponentProps<"button">, "children"> {
  icon: LucideIcon
  label: string
  shortcut?: string
  size?: "sm" | "md"
  pressed?: boolean
}

/** A square button of one icon; its label is its name and its tooltip. */
export function IconButton({
  icon,
  label,
  shortcut,
  size = "md",
  pressed,
  className,
  ...rest
}: IconButtonProps) {
  return (
    <Tooltip words={label} shortcut={shortcut}>
      <button
        type="button"
        aria-label={label}
        aria-pressed={pressed}
        {...rest}
        className={cn(
          buttonStyle({ variant: "quiet" }),
          size === "sm" ? "size-7" : "size-8",
          "px-0 aria-pressed:bg-hover aria-pressed:text-fg",
          className,
        )}
      >
        <Icon of={icon} size={size === "sm" ? 14 : 16} />
      </button>
    </Tooltip>
  )
}
