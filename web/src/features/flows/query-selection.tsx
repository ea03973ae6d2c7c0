/** What can be done with picked flows: compare two, export all. */
import { Link } from "@tanstack/react-router"
import { Columns2, X } from "lucide-react"
import { plural } from "@/lib/format"
import { Button, buttonStyle } from "@/ui/button"
import { ExportMenu } from "@/ui/export-menu"
import { Icon } from "@/ui/icon"

interface SelectionProps {
  picked: readonly string[]
  onClear: () => void
}

export function Selection({ picked, onClear }: SelectionProps) {
  if (picked.length === 0) return null
  return (
    <section
      aria-label="Picked flows"
      className="-translate-x-1/2 fixed bottom-[calc(1rem+var(--dock,0px))] left-1/2 z-20 flex animate-enter items-center gap-2 rounded-lg border bg-raised py-1.5 pr-1.5 pl-3 shadow-float"
    >
      <span className="tabular whitespace-nowrap">{plural(picked.length, "flow")} picked</span>
      {picked.length === 2 ? (
        <Link
          to="/admin/flows/$id"
          params={{ id: picked.join("...") }}
          className={buttonStyle({ variant: "primary", size: "sm" })}
        >
          <Icon of={Columns2} size={14} />
          Compare
        </Link>
      ) : (
        <span className="text-fg-3 text-xs max-sm:hidden">Pick two to compare</span>
      )}
      <ExportMenu size="sm" what={plural(picked.length, "picked flow")} query={{ flow: picked.join(",") }} />
      <Button variant="quiet" size="sm" icon={X} onClick={onClear}>
        Clear
      </Button>
    </section>
  )
}
