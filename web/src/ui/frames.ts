/** Something that goes on frame by frame while it is on. */
import { useEffect, useRef } from "react"

/** A tab that was hidden does not catch up on more than this. */
const longest_ms = 250

/** Calls `onFrame` with the time since the frame before. */
export function useFrames(on: boolean, onFrame: (passed_ms: number) => void) {
  const latest = useRef(onFrame)
  useEffect(() => {
    latest.current = onFrame
  })
  useEffect(() => {
    if (!on) return
    let before_ms: number | null = null
    let frame = 0
    const tick = (now_ms: number) => {
      latest.current(Math.min(longest_ms, now_ms - (before_ms ?? now_ms)))
      before_ms = now_ms
      frame = requestAnimationFrame(tick)
    }
    frame = requestAnimationFrame(tick)
    return () => cancelAnimationFrame(frame)
  }, [on])
}
