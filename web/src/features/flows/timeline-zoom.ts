/** Dragging over the timeline zooms into what was dragged over. */
import { type PointerEvent, type RefObject, useRef, useState } from "react"
import { type Zoom, zoomed } from "./timeline"

/** A shorter way of the pointer is a click. */
const drag_from_px = 5

interface Drag {
  /** What the pointer has gone over so far, in ms as shown; null while it has not moved. */
  over: Zoom | null
  /** For the element in which one drags. */
  handlers: {
    onPointerDown: (event: PointerEvent<HTMLElement>) => void
    onPointerMove: (event: PointerEvent<HTMLElement>) => void
    onPointerUp: (event: PointerEvent<HTMLElement>) => void
    onPointerCancel: () => void
  }
}

/** `track` is as wide as the scale. */
export function useZoomDrag(
  track: RefObject<HTMLElement | null>,
  { view, shown_ms }: { view: Zoom; shown_ms: number },
  onZoom: (zoom: Zoom | null) => void,
): Drag {
  const began = useRef<{ x: number; at: number } | null>(null)
  const [over, setOver] = useState<Zoom | null>(null)
  const placeOf = (x: number): number => {
    const box = track.current?.getBoundingClientRect()
    if (!box || box.width === 0) return view.from
    const share = Math.min(1, Math.max(0, (x - box.left) / box.width))
    return view.from + share * (view.to - view.from)
  }
  const end = () => {
    began.current = null
    setOver(null)
  }
  return {
    over,
    handlers: {
      onPointerDown: (event) => {
        const box = track.current?.getBoundingClientRect()
        const inside = box && event.clientX >= box.left && event.clientX <= box.right
        if (event.button === 0 && inside) began.current = { x: event.clientX, at: placeOf(event.clientX) }
      },
      onPointerMove: (event) => {
        const from = began.current
        if (!from || Math.abs(event.clientX - from.x) < drag_from_px) return
        event.currentTarget.setPointerCapture(event.pointerId)
        const to = placeOf(event.clientX)
        setOver({ from: Math.min(from.at, to), to: Math.max(from.at, to) })
      },
      onPointerUp: () => {
        const zoom = over && zoomed(over.from, over.to, shown_ms)
        if (zoom) onZoom(zoom)
        end()
      },
      onPointerCancel: end,
    },
  }
}
