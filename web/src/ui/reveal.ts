/** Brings into view what the URL or the keyboard has chosen. */
import { type RefObject, useEffect, useRef } from "react"

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

interface Box {
  x: number
  y: number
  width: number
  height: number
}

/** Scrolls a region so that a box of its content is in its middle, whenever another box is named that is out of view. */
export function useCentred(region: RefObject<HTMLElement | null>, key: string | null, box: Box | null) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another box moves the region
  useEffect(() => {
    const element = region.current
    if (!element || !box) return
    const { scrollLeft, scrollTop, clientWidth, clientHeight } = element
    const beside = box.x < scrollLeft || box.x + box.width > scrollLeft + clientWidth
    const above = box.y < scrollTop || box.y + box.height > scrollTop + clientHeight
    if (beside || above)
      element.scrollTo({
        left: box.x - (clientWidth - box.width) / 2,
        top: box.y - (clientHeight - box.height) / 2,
        behavior: "instant",
      })
  }, [key])
}
