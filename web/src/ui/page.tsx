/** The frame of every page: title, one line of what it is, the primary action at the right, then content. */
import type { ReactNode } from "react"
import { cn } from "./cn"

interface PageProps {
  title: ReactNode
  words?: ReactNode
  actions?: ReactNode
  /** Filters or tabs between the head and the content. */
  bar?: ReactNode
  className?: string
  children: ReactNode
}

export function Page({ title, words, actions, bar, className, children }: PageProps) {
  return (
    <div
      className={cn(
        "flex min-h-full w-full max-w-[1600px] flex-col gap-4 px-3 py-4 sm:px-6 sm:py-5",
        className,
      )}
    >
      <header className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-64">
          <h1 className="truncate font-semibold text-xl tracking-tight">{title}</h1>
          {words && <p className="mt-0.5 max-w-[72ch] text-fg-2">{words}</p>}
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      {bar}
      {children}
    </div>
  )
}

/** The page of one thing. */
export function DetailPage({ children }: { children: ReactNode }) {
  return (
    <div className="flex min-h-full w-full max-w-[1200px] flex-col gap-4 px-3 py-4 sm:px-6 sm:py-5">
      {children}
    </div>
  )
}

/** How a link back to a list looks. */
export const backStyle = "inline-flex items-center gap-1.5 self-start text-fg-2 text-xs hover:text-fg"

/** Filters in a row: they wrap, and stay as high as a button. */
export function FilterBar({ children }: { children: ReactNode }) {
  return <div className="flex flex-wrap items-center gap-2 [&_button]:border-border">{children}</div>
}
