/** The exports of this tab, kept apart from any page. */
import { create } from "zustand"
import type { ExportAsked } from "@/ui/export"

/** How many flows there are; `more` when at least so many. */
export interface Total {
  count: number
  more: boolean
}

export interface Export extends ExportAsked {
  id: number
  /** Whose: nobody else in this tab sees it. */
  user_id: string
  state: "going" | "stopped" | "done"
  flows: number
  bytes: number
  total: Total | null
  /** Why it stopped, unless it was told to. */
  reason: string | null
  /** Whether it would be refused once more. */
  refused: boolean
}

export const useExports = create<{ items: readonly Export[] }>(() => ({ items: [] }))
