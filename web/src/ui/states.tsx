/** What a place shows when it has nothing, is still loading, or could not load: words and one next step. */
import { CircleAlert } from "lucide-react"
import type { ComponentProps, ReactNode } from "react"
import { Button } from "./button"
import { cn } from "./cn"
import { CopyButton } from "./copy"
import { Icon, type LucideIcon } from "./icon"

export function Skeleton({ className, ...rest }: ComponentProps<"div">) {
  return (
    <div aria-hidden="true" {...rest} className={cn("animate-skeleton rounded-sm bg-hover", className)} />
  )
}

interface EmptyStateProps {
  icon?: LucideIcon
  title: string
  words?: ReactNode
  /** The level of its title where it is the heading of a page. */
  heading?: "h1" | "h2"
  children?: ReactNode
  className?: string
}

export function EmptyState({
  icon,
  title,
  words,
  heading: Title = "h2",
  children,
  className,
}: EmptyStateProps) {
  return (
    <div className={cn("flex flex-col items-center gap-1 px-4 py-12 text-center", className)}>
      {icon && (
        <div className="mb-2 grid size-9 place-items-center rounded border bg-surface text-fg-3">
          <Icon of={icon} />
        </div>
      )}
      <Title className="font-medium">{title}</Title>
      {words && <p className="max-w-[52ch] text-balance text-fg-2">{words}</p>}
      {children && <div className="mt-3 flex flex-wrap justify-center gap-2">{children}</div>}
    </div>
  )
}

interface ErrorStateProps {
  title?: string
  words: string
  request_id?: string
  onRetry?: () => void
  className?: string
}

export function ErrorState({
  title = "This could not be loaded",
  words,
  request_id,
  onRetry,
  className,
}: ErrorStateProps) {
  return (
    <div role="alert" className={cn("flex flex-col items-center gap-1 px-4 py-12 text-center", className)}>
      <Icon of={CircleAlert} size={20} className="mb-1 text-bad" />
      <p className="font-medium">{title}</p>
      <p className="max-w-[60ch] text-balance text-fg-2">{words}</p>
      {request_id && <RequestId value={request_id} />}
      {onRetry && (
        <Button className="mt-3" onClick={onRetry}>
          Retry
        </Button>
      )}
    </div>
  )
}

export function RequestId({ value }: { value: string }) {
  return (
    <p className="flex items-center gap-1 text-fg-3 text-xs">
      Request <code className="text-fg-2">{value}</code>
      <CopyButton value={value} label="Copy request id" />
    </p>
  )
}
