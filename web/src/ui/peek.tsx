/** Drawers: the peek (right, resizable, the list behind stays usable) and the sheet (modal, for phones). */
import { Maximize2, X } from "lucide-react"
import { Dialog as Radix } from "radix-ui"
import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from "react"
import { IconButton } from "./button"
import { cn } from "./cn"
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
      className="fixed inset-y-0 right-0 z-30 flex animate-slide-in flex-col border-l bg-surface shadow-float"
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

interface SheetProps {
  open: boolean
  onOpen: (open: boolean) => void
  label: string
  side?: "left" | "right"
  className?: string
  children: ReactNode
}

export function Sheet({ open, onOpen, label, side = "left", className, children }: SheetProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpen}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-fade bg-overlay" />
        <Radix.Content
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => {
            event.preventDefault()
            ;(event.target as HTMLElement).focus()
          }}
          className={cn(
            "fixed inset-y-0 z-40 outline-none flex w-[min(300px,86vw)] flex-col bg-surface shadow-float",
            side === "left" ? "left-0 animate-slide-in-left border-r" : "right-0 animate-slide-in border-l",
            className,
          )}
        >
          <Radix.Title className="sr-only">{label}</Radix.Title>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
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
