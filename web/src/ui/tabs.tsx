/** Tabs of one page; the chosen one belongs in the URL, so they are controlled. */
import { Tabs as Radix } from "radix-ui"
import type { ReactNode } from "react"
import { cn } from "./cn"
import { revealSideways } from "./reveal"

interface TabsProps<T extends string> {
  value: T
  onValue: (value: T) => void
  tabs: readonly { value: T; label: ReactNode; count?: number }[]
  label: string
  className?: string
  children: ReactNode
}

export function Tabs<T extends string>({ value, onValue, tabs, label, className, children }: TabsProps<T>) {
  return (
    <Radix.Root value={value} onValueChange={(next) => onValue(next as T)} className={className}>
      <Radix.List aria-label={label} className="-mx-1 flex gap-4 overflow-x-auto border-b px-1">
        {tabs.map((tab) => (
          <Radix.Trigger
            key={tab.value}
            ref={tab.value === value ? revealSideways : undefined}
            value={tab.value}
            className="-mx-1 -mb-px flex px-1 h-9 shrink-0 items-center gap-1.5 border-transparent border-b-2 text-fg-2 text-sm transition-colors hover:text-fg focus-visible:outline-offset-[-2px] data-[state=active]:border-accent data-[state=active]:font-medium data-[state=active]:text-fg"
          >
            {tab.label}
            {tab.count !== undefined && <span className="tabular text-fg-3 text-xs">{tab.count}</span>}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {children}
    </Radix.Root>
  )
}

export function TabPanel({
  value,
  className,
  children,
}: {
  value: string
  className?: string
  children: ReactNode
}) {
  return (
    <Radix.Content value={value} className={cn("pt-4 outline-none", className)}>
      {children}
    </Radix.Content>
  )
}
