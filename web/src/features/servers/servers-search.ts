/** What the URLs of servers hold: that one is being added, and the open tab. */

const tabs = ["tools", "prompts", "resources", "try", "access", "health", "settings"] as const

export type ServerTab = (typeof tabs)[number]

export interface ServersSearch {
  add?: boolean
  /** The server in the side peek. */
  peek?: string
}

export function serversSearch(search: Record<string, unknown>): ServersSearch {
  const found: ServersSearch = {}
  if (search.add === true || search.add === "true") found.add = true
  if (typeof search.peek === "string" && search.peek) found.peek = search.peek
  return found
}

export function serverSearch(search: Record<string, unknown>): { tab?: ServerTab } {
  const tab = tabs.find((candidate) => candidate === search.tab)
  return tab ? { tab } : {}
}

export interface VirtualSearch {
  add?: boolean
  /** The virtual server that is being changed. */
  edit?: string
}

export function virtualSearch(search: Record<string, unknown>): VirtualSearch {
  const found: VirtualSearch = {}
  if (search.add === true || search.add === "true") found.add = true
  if (typeof search.edit === "string" && search.edit) found.edit = search.edit
  return found
}
