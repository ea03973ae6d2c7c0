/** What the URLs of people hold: the search, and the open tab. */

const tabs = ["access", "budget", "flows", "blocks"] as const

export type PersonTab = (typeof tabs)[number]

export function peopleSearch(search: Record<string, unknown>): { q?: string } {
  return typeof search.q === "string" && search.q ? { q: search.q } : {}
}

export function personSearch(search: Record<string, unknown>): { tab?: PersonTab } {
  const tab = tabs.find((candidate) => candidate === search.tab)
  return tab ? { tab } : {}
}
