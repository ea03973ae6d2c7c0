/** What the URL of the Live page holds: whom, in which layout, and whether errors come first. */

export const layouts = [1, 2, 4, 6, 9] as const
export type Layout = (typeof layouts)[number]

export interface LiveSearch {
  /** Users, joined by commas. */
  u?: string
  layout?: Layout
  errors?: true
}

export function liveSearch(search: Record<string, unknown>): LiveSearch {
  const found: LiveSearch = {}
  if (typeof search.u === "string" && search.u) found.u = search.u
  const layout = layouts.find((one) => one === Number(search.layout))
  if (layout) found.layout = layout
  if (search.errors === true || search.errors === "true") found.errors = true
  return found
}
