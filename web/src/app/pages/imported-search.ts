/** What the URL of the imported flows holds: the bundle, the flow, and what that of a flow holds. */
import { type FlowSearch, flowSearch } from "@/features/flows/flow-search"

export interface ImportedSearch extends FlowSearch {
  bundle?: string
  flow?: string
}

export function importedSearch(search: Record<string, unknown>): ImportedSearch {
  return {
    ...flowSearch(search),
    ...(typeof search.bundle === "string" ? { bundle: search.bundle } : {}),
    ...(typeof search.flow === "string" ? { flow: search.flow } : {}),
  }
}
