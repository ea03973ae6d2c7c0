/** What the URLs of servers hold: that one is being added, and the open tab. */
import { outcomeOf, type SignInOutcome } from "@/api/sign-ins"

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

export interface ServerSearch {
  tab?: ServerTab
  /** The tool that is tried. */
  tool?: string
  /** What came of the sign-in that the browser returns from. */
  outcome?: SignInOutcome
}

export function serverSearch(search: Record<string, unknown>): ServerSearch {
  const found: ServerSearch = {}
  const tab = tabs.find((candidate) => candidate === search.tab)
  if (tab) found.tab = tab
  if (typeof search.tool === "string" && search.tool) found.tool = search.tool
  const outcome = outcomeOf(search)
  if (outcome) found.outcome = outcome
  return found
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
