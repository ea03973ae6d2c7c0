/** Whether an element is on the screen or close to it: what is not need not be drawn anew. */
import { type RefObject, useEffect, useState } from "react"

const near_px = 200

export function useInView(element: RefObject<Element | null>): boolean {
  const [in_view, setInView] = useState(true)
  useEffect(() => {
    if (!element.current) return
    const observer = new IntersectionObserver(
      (entries) => setInView(entries.at(-1)?.isIntersecting ?? true),
      { rootMargin: `${near_px}px` },
    )
    observer.observe(element.current)
    return () => observer.disconnect()
  }, [element])
  return in_view
}
