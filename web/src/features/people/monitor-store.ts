/** Whose monitoring is about to be switched on: the dialog outlives the card or panel that asked for it. */
import { create } from "zustand"
import type { Person } from "@/ui/user-chip"

export const useMonitorDialog = create<{ person: Person | null }>(() => ({ person: null }))

export function askToMonitor({ user_id, name, email }: Person) {
  useMonitorDialog.setState({ person: { user_id, name, email } })
}

export function closeMonitorDialog() {
  useMonitorDialog.setState({ person: null })
}
