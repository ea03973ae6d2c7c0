/** Keeps a scrolled column at its end while it grows, unless the reader has moved away. */
import { type RefObject, useEffect, useRef, useState } from "react"

const near_px = 48

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

  const toEnd = () => {
    sticking.current = true
    setAtEnd(true)
    const column = scroller.current
    if (column) column.scrollTop = column.scrollHeight
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: another key is another text, which starts at its end
  useEffect(() => {
    const column = scroller.current
    if (!column || !content.current) return
    sticking.current = true
    const onScroll = () => {
      const near = column.scrollHeight - column.scrollTop - column.clientHeight < near_px
      sticking.current = near
      setAtEnd(near)
    }
    const grown = new ResizeObserver(() => {
      if (sticking.current) column.scrollTop = column.scrollHeight
    })
    grown.observe(content.current)
    grown.observe(column)
    column.addEventListener("scroll", onScroll, { passive: true })
    return () => {
      grown.disconnect()
      column.removeEventListener("scroll", onScroll)
    }
  }, [key])

  return { scroller, content, at_end, toEnd }
}
