/** The question before unsaved changes are lost; rendered once, beneath the shell. */
import { type ShouldBlockFn, useBlocker } from "@tanstack/react-router"
import { ConfirmDialog } from "./later"
import { forgetUnsaved, useUnsavedForms, wouldLose } from "./unsaved"

export function UnsavedGuard() {
  const some = useUnsavedForms((state) => state.forms.size > 0)
  const leaving = useUnsavedForms((state) => state.leaving)
  const blocker = useBlocker({
    shouldBlockFn: losesChanges,
    enableBeforeUnload: some,
    disabled: !some,
    withResolver: true,
  })
  if (blocker.status !== "blocked" && !leaving) return null
  const stay = () => {
    blocker.reset?.()
    useUnsavedForms.setState({ leaving: null })
  }
  const leave = async () => {
    forgetUnsaved()
    blocker.proceed?.()
    leaving?.()
  }
  return (
    <ConfirmDialog
      open
      onOpen={stay}
      title="Leave without saving?"
      words="What you changed here is not saved yet."
      cancel="Keep editing"
      verb="Discard changes"
      onConfirm={leave}
    />
  )
}

const losesChanges: ShouldBlockFn = ({ current, next }) => wouldLose(current, next)
