/** A bordered surface with an optional head; sections of a page. */
import type { ComponentProps, ReactNode } from "react"
import { unturned } from "@/lib/format"
import { cn } from "./cn"

interface CardProps extends Omit<ComponentProps<"section">, "title"> {
  title?: ReactNode
  words?: ReactNode
  actions?: ReactNode
  /** Content reaches the edges (tables, lists). */
  flush?: boolean
}

export function Card({ title, words, actions, flush, className, children, ...rest }: CardProps) {
  return (
    <section {...rest} className={cn("min-w-0 rounded border bg-surface", className)}>
      {(title || actions) && (
        <header className={cn("flex min-h-11 items-center gap-3 px-4 py-2", flush && "border-b")}>
          <div className="min-w-0 flex-1">
            <h2 className="truncate font-semibold text-sm">{title}</h2>
            {words && <p className="text-fg-2 text-xs">{words}</p>}
          </div>
          {actions}
        </header>
      )}
      <div className={cn(!flush && "px-4 pt-1 pb-4", !flush && !title && !actions && "pt-4")}>{children}</div>
    </section>
  )
}

/** Labelled facts in two columns; one column where it is narrow. */
export function Facts({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <dl className={cn("grid grid-cols-[minmax(96px,max-content)_1fr] gap-x-4 gap-y-1.5", className)}>
      {children}
    </dl>
  )
}

export function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-fg-3">{label}</dt>
      <dd className="min-w-0 break-words">{typeof children === "string" ? unturned(children) : children}</dd>
    </>
  )
}
