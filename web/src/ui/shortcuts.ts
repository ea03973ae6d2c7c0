/** Keyboard shortcuts for the page: single keys are silent while someone types. */
import { useEffect, useRef } from "react"

type Handler = ((event: KeyboardEvent) => void) | undefined
export type Shortcuts = Record<string, Handler>

/** Keys as `event.key`, letters in lower case; "Mod+k" is Ctrl or Cmd. Those `first` go before all others. */
export function useShortcuts(shortcuts: Shortcuts, first = false) {
  const latest = useRef(shortcuts)
  useEffect(() => {
    latest.current = shortcuts
  })
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const handler = isForThePage(event) ? latest.current[keysOf(event)] : undefined
      if (!handler) return
      event.preventDefault()
      handler(event)
    }
    document.addEventListener("keydown", onKeyDown, first)
    return () => document.removeEventListener("keydown", onKeyDown, first)
  }, [first])
}

function isForThePage(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.altKey) return false
  if (event.ctrlKey || event.metaKey) return true
  return !(isTyping(event) || isInsideFloating(event) || isPressing(event) || isChoosing(event))
}

/** Arrows among choices side by side go from one to the next. */
function isChoosing({ key, target }: KeyboardEvent): boolean {
  return (
    key.startsWith("Arrow") && target instanceof Element && target.closest("[role=radio],[role=tab]") !== null
  )
}

/** Enter and Space on a link or a button are that control's own. */
function isPressing(event: KeyboardEvent): boolean {
  return (
    (event.key === "Enter" || event.key === " ") &&
    event.target instanceof Element &&
    event.target.closest("a,button") !== null
  )
}

function keysOf(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  return event.ctrlKey || event.metaKey ? `Mod+${key}` : key
}

export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  )
}

function isInsideFloating(event: KeyboardEvent): boolean {
  return (
    event.target instanceof Element &&
    event.target.closest('[role="dialog"],[role="menu"],[role="listbox"]') !== null
  )
}
