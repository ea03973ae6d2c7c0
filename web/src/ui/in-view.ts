/** Whether an element is on the screen: what is not need not be drawn anew. */
import { type RefObject, useEffect, useState } from "react"

export function useInView(element: RefObject<Element | null>): boolean {
  const [in_view, setInView] = useState(true)
  useEffect(() => {
    if (!element.current) return
    const observer = new IntersectionObserver((entries) => setInView(entries.at(-1)?.isIntersecting ?? true))
    observer.observe(element.current)
    return () => observer.disconnect()
  }, [element])
  return in_view
}
