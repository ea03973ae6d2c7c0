/** The peek: a drawer at the right, resizable, while the list behind stays usable. */
import { Maximize2, X } from "lucide-react"
import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from "react"
import { IconButton } from "./button"
import { isTyping, useShortcuts } from "./shortcuts"

const width_key = "omni2.peek"
const default_px = 560

interface PeekProps {
  title: ReactNode
  label: string
  onClose: () => void
  onOpen?: () => void
  /** Moves through the list behind: +1 next, -1 previous. */
  onMove?: (step: 1 | -1) => void
  children: ReactNode
}

/** Esc closes, Enter opens the full page, J and K move through the list behind. */
export function Peek({ title, label, onClose, onOpen, onMove, children }: PeekProps) {
  const { width_px, handle } = useResize()
  useShortcuts({
    Escape: onClose,
    Enter: onOpen,
    j: onMove && (() => onMove(1)),
    k: onMove && (() => onMove(-1)),
  })
  return (
    <aside
      aria-label={label}
      style={{ width: `min(100vw, ${width_px}px)` }}
      className="fixed top-0 right-0 bottom-[var(--dock,0px)] z-30 flex animate-slide-in flex-col border-l bg-surface shadow-float"
    >
      {handle}
      <header className="flex h-11 shrink-0 items-center gap-1 border-b pr-2 pl-4">
        <div className="min-w-0 flex-1 truncate font-medium">{title}</div>
        {onOpen && (
          <IconButton icon={Maximize2} label="Open page" shortcut="Enter" size="sm" onClick={onOpen} />
        )}
        <IconButton icon={X} label="Close" shortcut="Esc" size="sm" onClick={onClose} />
      </header>
      <div data-scroll className="min-h-0 flex-1 overflow-y-auto">
        {children}
      </div>
    </aside>
  )
}

function useResize() {
  const [width_px, setWidth] = useState(() => Number(localStorage.getItem(width_key)) || default_px)
  const dragging = useRef(false)
  const set = (next: number) => {
    const bounded = Math.round(Math.min(Math.max(next, 380), window.innerWidth - 80))
    setWidth(bounded)
    localStorage.setItem(width_key, String(bounded))
  }
  const onPointerMove = (event: PointerEvent) => {
    if (dragging.current) set(window.innerWidth - event.clientX)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (isTyping(event.nativeEvent)) return
    if (event.key === "ArrowLeft") set(width_px + 24)
    if (event.key === "ArrowRight") set(width_px - 24)
  }
  const handle = (
    // biome-ignore lint/a11y/useSemanticElements: a separator that is dragged has no element of its own
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label="Resize"
      aria-valuenow={width_px}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        dragging.current = true
        event.currentTarget.setPointerCapture(event.pointerId)
      }}
      onPointerMove={onPointerMove}
      onPointerUp={() => {
        dragging.current = false
      }}
      className="-left-1 absolute inset-y-0 w-2 cursor-col-resize touch-none hover:bg-accent/20"
    />
  )
  return { width_px, handle }
}
