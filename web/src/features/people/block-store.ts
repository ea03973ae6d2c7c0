/** Who is about to be blocked or monitored: the dialog outlives the card, menu or panel that asked for it. */
import { create } from "zustand"
import type { Person } from "@/ui/user-chip"

interface Asked {
  person: Person
  what: "block" | "monitor"
}

export const usePersonDialog = create<{ asked: Asked | null }>(() => ({ asked: null }))

export function askToBlock(person: Person) {
  usePersonDialog.setState({ asked: { person, what: "block" } })
}

export function askToMonitor(person: Person) {
  usePersonDialog.setState({ asked: { person, what: "monitor" } })
}

export function closePersonDialog() {
  usePersonDialog.setState({ asked: null })
}
