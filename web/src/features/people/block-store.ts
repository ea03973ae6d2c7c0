/** Who is about to be blocked: the dialog outlives the card or menu that asked for it. */
import { create } from "zustand"
import type { Person } from "@/ui/user-chip"

export const useBlockDialog = create<{ person: Person | null }>(() => ({ person: null }))

export function askToBlock(person: Person) {
  useBlockDialog.setState({ person })
}

export function closeBlockDialog() {
  useBlockDialog.setState({ person: null })
}
