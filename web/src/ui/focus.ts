/** Focus where work goes on, without opening the keyboard of a phone. */
import { useEffect, useRef } from "react"

/** The field has the focus when its page arrives, on devices with a fine pointer. */
export function useFocusOnArrival<T extends HTMLElement>() {
  const field = useRef<T>(null)
  useEffect(() => {
    if (matchMedia("(pointer: fine)").matches) field.current?.focus({ preventScroll: true })
  }, [])
  return field
}
