/** The frame of the consent page: mark, title, one column. */
import type { ReactNode } from "react"
import { useTitle } from "@/ui/title"

export function ConsentFrame({ title, children }: { title: string; children: ReactNode }) {
  useTitle(title)
  return (
    <main className="grid min-h-dvh place-items-center px-4 py-10">
      <div className="w-full max-w-[440px]">
        <div className="mb-6 flex items-center gap-2.5">
          <svg viewBox="0 0 32 32" className="size-8" aria-hidden="true">
            <rect width="32" height="32" rx="8" fill="var(--accent)" />
            <circle cx="16" cy="16" r="7.5" fill="none" stroke="var(--on-accent)" strokeWidth="3" />
            <circle cx="16" cy="16" r="2.25" fill="var(--on-accent)" />
          </svg>
          <span className="font-semibold text-lg tracking-tight">omni2</span>
        </div>
        <h1 className="mb-4 text-balance font-semibold text-xl tracking-tight">{title}</h1>
        {children}
      </div>
    </main>
  )
}
