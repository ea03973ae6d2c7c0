/** The product's mark and name. */
export function Mark({ short }: { short?: boolean }) {
  return (
    <span className="flex items-center gap-2 font-semibold text-base tracking-tight">
      <svg viewBox="0 0 32 32" className="size-5 shrink-0" aria-hidden="true">
        <rect width="32" height="32" rx="8" fill="var(--accent)" />
        <circle cx="16" cy="16" r="7.5" fill="none" stroke="var(--on-accent)" strokeWidth="3" />
        <circle cx="16" cy="16" r="2.25" fill="var(--on-accent)" />
      </svg>
      <span className={short ? "sr-only" : undefined}>omni2</span>
    </span>
  )
}
