/** Forms with changes that are not saved: who holds some, and the one question before they are lost. */
import { useEffect, useId } from "react"
import { create } from "zustand"

interface Unsaved {
  forms: ReadonlySet<string>
  /** What happens once the person says that the changes may go; null while nothing is asked. */
  leaving: (() => void) | null
}

interface Place {
  pathname: string
  search: object
}

export const useUnsavedForms = create<Unsaved>(() => ({ forms: new Set(), leaving: null }))

/** Marks a form while it is `dirty`: leaving its page, or the window, then asks first. */
export function useUnsaved(dirty: boolean) {
  const id = useId()
  useEffect(() => {
    if (!dirty) return
    mark(id)
    return () => unmark(id)
  }, [dirty, id])
}

/** Runs `leave` at once, or behind the question while a form holds changes. */
export function leaveForm(dirty: boolean, leave: () => void) {
  if (dirty) useUnsavedForms.setState({ leaving: leave })
  else leave()
}

/** The changes are saved or given up: nothing asks for them any more. */
export function forgetUnsaved() {
  useUnsavedForms.setState({ forms: new Set(), leaving: null })
}

/** Whether going from one place to another would lose changes: another page, or another tab of it. */
export function wouldLose(current: Place, next: Place): boolean {
  if (useUnsavedForms.getState().forms.size === 0 || next.pathname === "/login") return false
  return current.pathname !== next.pathname || tabOf(current) !== tabOf(next)
}

export function mark(id: string) {
  useUnsavedForms.setState(({ forms }) => ({ forms: new Set([...forms, id]) }))
}

export function unmark(id: string) {
  useUnsavedForms.setState(({ forms }) => ({ forms: new Set([...forms].filter((one) => one !== id)) }))
}

function tabOf({ search }: Place): unknown {
  return "tab" in search ? search.tab : undefined
}
