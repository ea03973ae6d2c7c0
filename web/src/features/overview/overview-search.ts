/** What the URL of the overview holds: how its activities are narrowed. */
import type { ActivityType } from "@/api/shapes"

export const activity_types: Record<ActivityType, string> = {
  sign_in: "Sign-ins",
  message: "Messages",
  tool_call: "Tool calls",
  denial: "Denials",
  block: "Blocks",
  config: "Changes",
}

export interface OverviewSearch {
  user?: string
  type?: ActivityType
}

export function overviewSearch(search: Record<string, unknown>): OverviewSearch {
  const found: OverviewSearch = {}
  if (typeof search.user === "string" && search.user) found.user = search.user
  if (typeof search.type === "string" && Object.hasOwn(activity_types, search.type))
    found.type = search.type as ActivityType
  return found
}
