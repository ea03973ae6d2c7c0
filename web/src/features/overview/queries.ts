/** What is going on, polled every five seconds. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query"
import { api } from "@/api/client"
import { keys } from "@/api/keys"
import type { Activity, Overview } from "@/api/shapes"
import type { OverviewSearch } from "./overview-search"

const poll_ms = 5_000
const shown_activities = 30

export const overviewQuery = queryOptions({
  queryKey: keys.insight.overview,
  queryFn: ({ signal }) => api.get<Overview>("/api/insight/overview", undefined, signal),
  refetchInterval: poll_ms,
})

export const activityQuery = (filter: OverviewSearch) =>
  queryOptions({
    queryKey: keys.insight.activity(filter),
    queryFn: ({ signal }) =>
      api.get<{ items: Activity[] }>("/api/insight/activity", { ...filter, limit: shown_activities }, signal),
    refetchInterval: poll_ms,
    placeholderData: keepPreviousData,
  })
