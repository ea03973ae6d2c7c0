/** Draws only the rows near the window once a table has more than a hundred. */
import { useVirtualizer } from "@tanstack/react-virtual"
import { type RefObject, useLayoutEffect, useState } from "react"

const virtual_from_rows = 100

export interface VirtualRows {
  /** Indexes of the rows to draw, and the pixels left out above and below. */
  indexes: readonly number[]
  above_px: number
  below_px: number
  reveal: (index: number) => void
}

export function useVirtualRows(n: number, body: RefObject<HTMLTableSectionElement | null>): VirtualRows {
  const on = n > virtual_from_rows
  const [margin_px, setMargin] = useState(0)
  const scroller = () => body.current?.closest<HTMLElement>("[data-scroll]") ?? null
  const virtualizer = useVirtualizer({
    count: n,
    enabled: on,
    getScrollElement: scroller,
    estimateSize: () => rowHeight(),
    overscan: 12,
    scrollMargin: margin_px,
  })
  useLayoutEffect(() => {
    const from = body.current?.closest<HTMLElement>("[data-scroll]")
    if (!on || !from || !body.current) return
    setMargin(body.current.getBoundingClientRect().top - from.getBoundingClientRect().top + from.scrollTop)
  }, [on, body])
  const reveal = (index: number) => {
    if (on) virtualizer.scrollToIndex(index)
    else body.current?.rows[index]?.scrollIntoView({ block: "nearest" })
  }
  if (!on) return { indexes: Array.from({ length: n }, (_, i) => i), above_px: 0, below_px: 0, reveal }
  const items = virtualizer.getVirtualItems()
  const above_px = (items[0]?.start ?? margin_px) - margin_px
  const below_px = virtualizer.getTotalSize() + margin_px - (items.at(-1)?.end ?? margin_px)
  return { indexes: items.map((item) => item.index), above_px, below_px: Math.max(0, below_px), reveal }
}

function rowHeight(): number {
  return document.documentElement.dataset.density === "compact" ? 32 : 40
}
