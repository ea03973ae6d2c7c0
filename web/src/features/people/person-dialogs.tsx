/** Rendered once beneath the shell; opens for whomever a page, a card or a key names. */
import { BlockDialog } from "./block-dialog"
import { closePersonDialog, usePersonDialog } from "./block-store"
import { MonitorPerson, MonitorTeam } from "./monitor-dialog"

export function PersonDialogs() {
  const asked = usePersonDialog((state) => state.asked)
  if (!asked) return null
  if (asked.what === "monitor-team")
    return <MonitorTeam key={asked.team.team_id} team={asked.team} onClose={closePersonDialog} />
  const Dialog = asked.what === "block" ? BlockDialog : MonitorPerson
  return <Dialog key={asked.person.user_id} person={asked.person} onClose={closePersonDialog} />
}
