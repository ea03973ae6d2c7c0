/** Rendered once beneath the shell; opens for whomever a page, a card or a key names. */
import { BlockDialog } from "./block-dialog"
import { closePersonDialog, usePersonDialog } from "./block-store"
import { MonitorDialog } from "./monitor-dialog"

export function PersonDialogs() {
  const asked = usePersonDialog((state) => state.asked)
  if (!asked) return null
  const Dialog = asked.what === "block" ? BlockDialog : MonitorDialog
  return <Dialog key={asked.person.user_id} person={asked.person} onClose={closePersonDialog} />
}
