/** Keeps a scrolled column at its end while it grows, unless the reader has moved away. */
import { type RefObject, useCallback, useEffect, useRef, useState } from "react"

const near_px = 48
/** A scroll within this time after a hand's event is the hand's; long enough for a wheel that runs out. */
const hand_ms = 600
const hand_events = ["wheel", "touchmove", "pointerdown", "keydown"] as const

interface StickToEnd {
  scroller: RefObject<HTMLDivElement | null>
  content: RefObject<HTMLDivElement | null>
  /** False once the reader has scrolled up: offer the way back. */
  at_end: boolean
  toEnd: () => void
}

/** `key` names what is shown: another one starts at its end. */
export function useStickToEnd(key: string): StickToEnd {
  const scroller = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const sticking = useRef(true)
  const [at_end, setAtEnd] = useState(true)

  const toEnd = useCallback(() => {
    sticking.current = true
    setAtEnd(true)
    const column = scroller.current
    if (column) column.scrollTop = column.scrollHeight
  }, [])

  // biome-ignore lint/correctness/useExhaustiveDependencies: another key is another text, which starts at its end
  useEffect(() => {
    const column = scroller.current
    if (!column || !content.current) return
    sticking.current = true
    let reader_at_ms = Number.NEGATIVE_INFINITY
    const onReader = () => {
      reader_at_ms = performance.now()
    }
    const onScroll = () => {
      const near = column.scrollHeight - column.scrollTop - column.clientHeight < near_px
      // Growing text and late layout scroll too: only what a hand did just before is a move away.
      const by_reader = performance.now() - reader_at_ms < hand_ms
      if (!near && !by_reader) return
      sticking.current = near
      setAtEnd(near)
    }
    const grown = new ResizeObserver(() => {
      if (sticking.current) column.scrollTop = column.scrollHeight
    })
    grown.observe(content.current)
    grown.observe(column)
    column.addEventListener("scroll", onScroll, { passive: true })
    for (const name of hand_events) column.addEventListener(name, onReader, { passive: true })
    return () => {
      grown.disconnect()
      column.removeEventListener("scroll", onScroll)
      for (const name of hand_events) column.removeEventListener(name, onReader)
    }
  }, [key])

  return { scroller, content, at_end, toEnd }
}
