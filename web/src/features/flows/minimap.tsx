/** The whole of a long flow on one line; the part in view can be moved and drawn anew. */
import { type CSSProperties, type PointerEvent, useMemo, useRef, useState } from "react"
import { kindOf } from "./kinds"
import { minimap, type Waterfall, type Zoom, zoomed } from "./timeline"

const columns = 240

interface MinimapProps {
  whole: Waterfall
  view: Zoom
  onView: (view: Zoom | null) => void
}

export function Minimap({ whole, view, onView }: MinimapProps) {
  const shown_ms = whole.map.shown_ms
  const drawn = useMemo(() => minimap(whole, columns), [whole])
  const began = useRef<number | null>(null)
  const [over, setOver] = useState<Zoom | null>(null)
  const placeOf = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    return ((event.clientX - box.left) / Math.max(1, box.width)) * shown_ms
  }
  const end = (event: PointerEvent<HTMLElement>) => {
    const at = placeOf(event)
    const size = view.to - view.from
    const from = Math.min(Math.max(0, at - size / 2), shown_ms - size)
    if (began.current !== null) onView(zoomed(began.current, at, shown_ms) ?? within(from, size, shown_ms))
    began.current = null
    setOver(null)
  }
  const marked = over ?? view
  return (
    <div
      role="img"
      aria-label="The whole flow; drag to choose the part in view"
      onPointerDown={(event) => {
        began.current = placeOf(event)
        event.currentTarget.setPointerCapture(event.pointerId)
      }}
      onPointerMove={(event) => {
        if (began.current !== null) setOver(zoomed(began.current, placeOf(event), shown_ms))
      }}
      onPointerUp={end}
      className="relative flex h-10 cursor-crosshair touch-none items-end overflow-hidden rounded border bg-sunken"
    >
      {drawn.map(({ height, kind, problem }, i) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
          key={i}
          style={
            {
              "--hue": problem ? "var(--bad)" : kindOf(kind).hue,
              height: height === 0 ? 0 : `${15 + height * 75}%`,
            } as CSSProperties
          }
          className="hue-fill min-w-0 flex-1 opacity-80"
        />
      ))}
      <span
        style={{
          left: `${(marked.from / shown_ms) * 100}%`,
          width: `${((marked.to - marked.from) / shown_ms) * 100}%`,
        }}
        className="pointer-events-none absolute inset-y-0 rounded-sm bg-accent/10 ring-1 ring-accent ring-inset"
      />
    </div>
  )
}

function within(from: number, size: number, shown_ms: number): Zoom | null {
  return size >= shown_ms ? null : { from, to: from + size }
}
