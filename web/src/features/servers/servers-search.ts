/** What the URLs of servers hold: that one is being added, and the open tab. */

const tabs = ["tools", "access", "health", "settings"] as const

export type ServerTab = (typeof tabs)[number]

export function serversSearch(search: Record<string, unknown>): { add?: boolean } {
  return search.add === true || search.add === "true" ? { add: true } : {}
}

export function serverSearch(search: Record<string, unknown>): { tab?: ServerTab } {
  const tab = tabs.find((candidate) => candidate === search.tab)
  return tab ? { tab } : {}
}
