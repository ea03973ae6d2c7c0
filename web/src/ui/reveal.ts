/** Brings into view what the URL or the keyboard has chosen. */
import { useEffect, useRef } from "react"

/** Scrolls its element into view whenever `on` becomes true. */
export function useReveal<T extends HTMLElement>(on: boolean) {
  const element = useRef<T>(null)
  useEffect(() => {
    if (on) element.current?.scrollIntoView({ block: "nearest", behavior: "instant" })
  }, [on])
  return element
}
