/** Who is about to be blocked or monitored: the dialog outlives the card, menu or panel that asked for it. */
import { create } from "zustand"
import type { TeamRef } from "@/api/teams"
import type { Person } from "@/ui/user-chip"

type Asked = { person: Person; what: "block" | "monitor" } | { team: TeamRef; what: "monitor-team" }

export const usePersonDialog = create<{ asked: Asked | null }>(() => ({ asked: null }))

export function askToBlock(person: Person) {
  usePersonDialog.setState({ asked: { person, what: "block" } })
}

export function askToMonitor(person: Person) {
  usePersonDialog.setState({ asked: { person, what: "monitor" } })
}

export function askToMonitorTeam(team: TeamRef) {
  usePersonDialog.setState({ asked: { team, what: "monitor-team" } })
}

export function closePersonDialog() {
  usePersonDialog.setState({ asked: null })
}
