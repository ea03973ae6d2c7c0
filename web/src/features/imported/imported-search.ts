/** What the URL of the imported flows holds: the bundle, the flow, the step. */
export interface ImportedSearch {
  bundle?: string
  flow?: string
  step?: number
}

export function importedSearch(search: Record<string, unknown>): ImportedSearch {
  const step = Number(search.step)
  return {
    ...(typeof search.bundle === "string" ? { bundle: search.bundle } : {}),
    ...(typeof search.flow === "string" ? { flow: search.flow } : {}),
    ...(Number.isInteger(step) && step > 0 ? { step } : {}),
  }
}
