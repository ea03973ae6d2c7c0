/** A list whose lines differ in height; past a hundred only those near the window are drawn. */
import { defaultRangeExtractor, type Range, useVirtualizer } from "@tanstack/react-virtual"
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react"
import { cn } from "./cn"
import { useReveal } from "./reveal"

const virtual_from_lines = 100

interface VirtualListProps<T> {
  items: readonly T[]
  itemKey: (item: T) => string
  /** How high a line is until it is measured. */
  line_px: number
  line: (item: T) => ReactNode
  /** Stays drawn wherever the window is: it holds what somebody types. */
  keeps?: (item: T) => boolean
  /** The index of the line that is brought into view whenever another one is named. */
  reveals?: number | null
  className?: string
}

export function VirtualList<T>(props: VirtualListProps<T>) {
  const { items, itemKey, line, reveals, className } = props
  if (items.length > virtual_from_lines) return <NearLines {...props} />
  return (
    <ul className={className}>
      {items.map((item, i) => (
        <PlainLine key={itemKey(item)} on={i === reveals}>
          {line(item)}
        </PlainLine>
      ))}
    </ul>
  )
}

function PlainLine({ on, children }: { on: boolean; children: ReactNode }) {
  const element = useReveal<HTMLLIElement>(on)
  return (
    <li ref={element} className="scroll-mt-16 scroll-mb-36">
      {children}
    </li>
  )
}

function NearLines<T>(props: VirtualListProps<T>) {
  const { items, itemKey, line_px, line, keeps, reveals = null, className } = props
  const list = useRef<HTMLUListElement>(null)
  const [margin_px, setMargin] = useState(0)
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scrollerOf(list.current),
    estimateSize: () => line_px,
    getItemKey: (index) => itemKey(items[index] as T),
    overscan: 8,
    rangeExtractor: (range) => withKept(range, items, keeps),
    scrollMargin: margin_px,
  })
  // Moving the window for a line that is a pixel higher than thought would end the scrolling of a person.
  virtualizer.shouldAdjustScrollPositionOnItemSizeChange = () => false
  useLayoutEffect(() => {
    const scroller = scrollerOf(list.current)
    if (!scroller || !list.current) return
    const top_px = list.current.getBoundingClientRect().top - scroller.getBoundingClientRect().top
    setMargin(top_px + scroller.scrollTop)
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the list of another moment has another margin
  useEffect(() => {
    if (reveals !== null && reveals >= 0) virtualizer.scrollToIndex(reveals, { align: "auto" })
  }, [reveals, margin_px])
  return (
    <ul ref={list} style={{ height: virtualizer.getTotalSize() }} className={cn("relative", className)}>
      {virtualizer.getVirtualItems().map(({ index, key, start }) => (
        <li
          key={key}
          ref={virtualizer.measureElement}
          data-index={index}
          aria-setsize={items.length}
          aria-posinset={index + 1}
          style={{ top: start - margin_px }}
          className="absolute inset-x-0"
        >
          {line(items[index] as T)}
        </li>
      ))}
    </ul>
  )
}

function withKept<T>(range: Range, items: readonly T[], keeps?: (item: T) => boolean): number[] {
  const near = defaultRangeExtractor(range)
  if (!keeps) return near
  const kept = items.flatMap((item, index) => (keeps(item) ? [index] : []))
  return [...new Set([...near, ...kept])].toSorted((a, b) => a - b)
}

function scrollerOf(element: HTMLElement | null): HTMLElement | null {
  return element?.closest<HTMLElement>("[data-scroll]") ?? null
}
