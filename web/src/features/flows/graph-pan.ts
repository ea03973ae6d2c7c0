/** Moving the ground of the graph by dragging it. */
import { type PointerEvent, type RefObject, useRef } from "react"

const drag_from_px = 4

/** Dragging the ground moves it; a mouse without a wheel to the side gets there as well. */
export function usePan(scroller: RefObject<HTMLDivElement | null>) {
  const from = useRef<{ x: number; y: number; left: number; top: number } | null>(null)
  const end = () => {
    from.current = null
  }
  return {
    onPointerDown: (event: PointerEvent) => {
      const ground = scroller.current
      if (!ground || event.button !== 0 || event.pointerType !== "mouse") return
      from.current = { x: event.clientX, y: event.clientY, left: ground.scrollLeft, top: ground.scrollTop }
    },
    onPointerMove: (event: PointerEvent) => {
      const began = from.current
      const ground = scroller.current
      if (!began || !ground) return
      const [x, y] = [event.clientX - began.x, event.clientY - began.y]
      if (Math.abs(x) + Math.abs(y) < drag_from_px) return
      ground.setPointerCapture(event.pointerId)
      ground.scrollTo(began.left - x, began.top - y)
    },
    onPointerUp: end,
    onPointerCancel: end,
  }
}
