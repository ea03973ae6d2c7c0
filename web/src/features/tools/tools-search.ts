/** What the URL of My tools holds: the server that needs a sign-in, and what came of one. */
import { outcomeOf, type SignInOutcome } from "@/api/sign-ins"

export interface ToolsSearch {
  connect?: string
  outcome?: SignInOutcome
}

export function toolsSearch(search: Record<string, unknown>): ToolsSearch {
  const found: ToolsSearch = {}
  if (typeof search.connect === "string" && search.connect) found.connect = search.connect
  const outcome = outcomeOf(search)
  if (outcome) found.outcome = outcome
  return found
}
