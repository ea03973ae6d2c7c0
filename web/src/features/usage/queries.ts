/** What the signed-in person used. */
import { queryOptions } from "@tanstack/react-query"
import { api } from "@/api/client"
import { keys } from "@/api/keys"
import type { OwnUsage } from "@/api/types"

export const ownUsageQuery = queryOptions({
  queryKey: keys.insight.own_usage,
  queryFn: ({ signal }) => api.get<OwnUsage>("/api/insight/usage/own", undefined, signal),
})
