/** What the URL of a flow holds: the chosen step, and how the flow is shown. */

export interface FlowSearch {
  step?: number
  view?: "cards" | "json"
}

export function flowSearch(search: Record<string, unknown>): FlowSearch {
  const found: FlowSearch = {}
  const step = Number(search.step)
  if (search.step !== undefined && Number.isInteger(step) && step > 0) found.step = step
  if (search.view === "json") found.view = "json"
  return found
}
