/** A strip beneath the page; what floats above the lower edge stays clear of it by `--dock`. */
import type { ReactNode } from "react"

export function Dock({ label, children }: { label: string; children: ReactNode }) {
  return (
    <section
      ref={tellHeight}
      aria-label={label}
      className="max-h-[40dvh] shrink-0 overflow-y-auto border-t bg-raised"
    >
      {children}
    </section>
  )
}

function tellHeight(node: HTMLElement | null) {
  if (!node) return
  const { style } = document.documentElement
  const observer = new ResizeObserver(() => style.setProperty("--dock", `${node.offsetHeight}px`))
  observer.observe(node)
  return () => {
    observer.disconnect()
    style.removeProperty("--dock")
  }
}
