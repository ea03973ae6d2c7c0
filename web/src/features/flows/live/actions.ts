/** What a panel lets others do, and by what name it is found on the page. */
import type { TeamRef } from "@/api/teams"
import type { Person } from "@/ui/user-chip"

export interface LiveActions {
  onBlock: (person: Person) => void
  onMonitor: (person: Person) => void
  onMonitorTeam: (team: TeamRef) => void
}

export const panelId = (user_id: string) => `panel-${user_id}`
