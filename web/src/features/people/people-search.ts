/** What the URLs of people hold: the search, the peek, and the open tab. */

const tabs = ["access", "budget", "flows", "blocks"] as const

export type PersonTab = (typeof tabs)[number]

export interface PeopleSearch {
  q?: string
  /** The person, or the team, in the side peek. */
  peek?: string
}

export function peopleSearch(search: Record<string, unknown>): PeopleSearch {
  const found: PeopleSearch = {}
  if (search.q !== undefined && search.q !== "") found.q = String(search.q)
  if (typeof search.peek === "string" && search.peek) found.peek = search.peek
  return found
}

export function personSearch(search: Record<string, unknown>): { tab?: PersonTab } {
  const tab = tabs.find((candidate) => candidate === search.tab)
  return tab ? { tab } : {}
}
