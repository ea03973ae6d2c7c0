/** What the URL of the conversations holds: words, who, which server, what came of them, from when to when. */

export interface TalksSearch {
  q?: string
  user?: string
  server?: string
  status?: string
  /** Days of the reader's own zone, as YYYY-MM-DD; the last one counts as a whole. */
  from?: string
  to?: string
}

/** How one conversation is shown; its transcript where nothing is said. */
export interface TalkSearch {
  view?: "graph"
}

const day = /^\d{4}-\d\d-\d\d$/
const words = ["q", "user", "server", "status"] as const

export function talksSearch(search: Record<string, unknown>): TalksSearch {
  const found: TalksSearch = {}
  for (const key of words) {
    const value = search[key]
    if (typeof value === "number" || (typeof value === "string" && value)) found[key] = String(value)
  }
  if (typeof search.from === "string" && day.test(search.from)) found.from = search.from
  if (typeof search.to === "string" && day.test(search.to)) found.to = search.to
  return found
}

export function talkSearch(search: Record<string, unknown>): TalkSearch {
  return search.view === "graph" ? { view: "graph" } : {}
}

/** The filter of the server: days become moments. */
export function filterOf({ from, to, ...rest }: TalksSearch) {
  return {
    ...rest,
    ...(from ? { since: startOf(from, 0) } : {}),
    ...(to ? { until: startOf(to, 1) } : {}),
  }
}

/** The start of a day of the reader's zone, or of one some days later. */
function startOf(date: string, later: number): string {
  const [year = 1970, month = 1, at = 1] = date.split("-").map(Number)
  return new Date(year, month - 1, at + later).toISOString()
}
