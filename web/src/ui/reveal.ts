/** Brings into view what the URL or the keyboard has chosen. */
import { useEffect, useRef } from "react"

/** Scrolls its element into view whenever `on` becomes true. */
export function useReveal<T extends HTMLElement>(on: boolean) {
  const element = useRef<T>(null)
  useEffect(() => {
    if (on) element.current?.scrollIntoView({ block: "nearest", behavior: "instant" })
  }, [on])
  return element
}

/** A ref: brings an element into view within the row that it scrolls in, and moves nothing else. */
export function revealSideways(element: HTMLElement | null) {
  const row = element?.parentElement
  if (!element || !row) return
  const left_px = element.offsetLeft - row.offsetLeft
  const right_px = left_px + element.offsetWidth
  if (left_px < row.scrollLeft) row.scrollLeft = left_px
  else if (right_px > row.scrollLeft + row.clientWidth) row.scrollLeft = right_px - row.clientWidth
}
