/** The panels outside React: whoever shows one is told when that one changes, and of no other. */
import { useCallback, useRef, useSyncExternalStore } from "react"
import { fresh_panel, type PanelState } from "./panel-state"

export type Panels = ReadonlyMap<string, PanelState>
type Listener = () => void

let panels: Panels = new Map()
const of_one = new Map<string, Set<Listener>>()
const of_all = new Set<Listener>()
/** Whose panels are beyond the screen. */
const unseen = new Set<string>()

export function panelsNow(): Panels {
  return panels
}

/** A panel that stays the same object is not told of. */
export function putPanels(next: Panels) {
  const before = panels
  panels = next
  for (const [user_id, listeners] of of_one)
    if (next.get(user_id) !== before.get(user_id)) for (const tell of listeners) tell()
  for (const tell of of_all) tell()
}

/** Whether a panel is beyond the screen, so that what comes for it need not be drawn at once. */
export function isUnseen(user_id: string): boolean {
  return unseen.has(user_id)
}

/** Says when a panel changes; returns what ends that. */
export function onPanel(user_id: string, tell: Listener): () => void {
  const listeners = of_one.get(user_id) ?? new Set()
  of_one.set(user_id, listeners.add(tell))
  return () => {
    listeners.delete(tell)
    if (listeners.size === 0) of_one.delete(user_id)
  }
}

/** One panel; while it is off it stays as it was drawn last, at no cost. */
export function usePanel(user_id: string, on = true): PanelState {
  const drawn = useRef<PanelState>(fresh_panel)
  const subscribe = useCallback(
    (tell: Listener) => (on ? onPanel(user_id, tell) : outOfSight(user_id)),
    [user_id, on],
  )
  return useSyncExternalStore(subscribe, () => {
    if (on) drawn.current = panels.get(user_id) ?? fresh_panel
    return drawn.current
  })
}

/** Says that a panel is beyond the screen; returns what takes that back. */
export function outOfSight(user_id: string): () => void {
  unseen.add(user_id)
  return () => void unseen.delete(user_id)
}

/** What one panel says, as a value that is cheap to compare. */
export function useOfPanel<T extends string | number | boolean>(
  user_id: string,
  of: (one: PanelState) => T,
): T {
  const subscribe = useCallback((tell: Listener) => onPanel(user_id, tell), [user_id])
  return useSyncExternalStore(subscribe, () => of(panels.get(user_id) ?? fresh_panel))
}

/** What all panels together say, as one value that is cheap to compare. */
export function useOfAll<T extends string | number | boolean>(of: (panels: Panels) => T): T {
  return useSyncExternalStore(listenToAll, () => of(panels))
}

function listenToAll(tell: Listener): () => void {
  of_all.add(tell)
  return () => of_all.delete(tell)
}
