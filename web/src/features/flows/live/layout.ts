/** Who is shown, and in how many places. */
import { type Layout, type LiveSearch, layouts } from "./live-search"

export function usersOf({ u }: LiveSearch): string[] {
  return [...new Set((u ?? "").split(",").filter(Boolean))]
}

/** As few places as hold all panels. */
export function layoutFor(panels: number): Layout {
  return layouts.find((one) => one >= panels) ?? 9
}

export const columns: Record<Layout, number> = { 1: 1, 2: 2, 4: 2, 6: 3, 9: 3 }
