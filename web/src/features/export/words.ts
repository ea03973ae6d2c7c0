/** How far an export is, in words. */
import { count, plural } from "@/lib/format"
import type { Export } from "./store"

export const lost = "the connection was lost."

export function wordsOf(item: Export): string {
  if (item.state === "going") return `Exporting ${figuresOf(item)}`
  if (item.state === "done")
    return item.flows === 0 ? "No flow was found" : `${plural(item.flows, "flow")} exported`
  if (item.refused && item.flows === 0) return `Not exported. ${item.reason}`
  const how = item.flows > 0 ? `Stopped after ${figuresOf(item)}` : "Stopped before the first flow"
  return item.reason === lost ? `${how}: ${lost}` : `${how}. ${item.reason ?? ""}`.trim()
}

/** 0 to 1, as far as it is known how many there are. */
export function shareOf({ flows, total }: Export): number | null {
  return total && !total.more && total.count > 0 ? Math.min(1, flows / total.count) : null
}

function figuresOf({ flows, total }: Export): string {
  if (!total || flows > total.count) return plural(flows, "flow")
  return `${count(flows)} of ${total.more ? "more than " : ""}${plural(total.count, "flow")}`
}

/** What is taken out, and as what. */
export function subjectOf({ label, query, what }: Export): string {
  return `${label}: ${query.q || what}`
}
