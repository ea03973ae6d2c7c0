/** Monitoring: who may be watched live until when, and one's own lists of people to watch. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query"
import { api } from "./client"
import { keys } from "./keys"
import type { components } from "./schema"

type Schemas = components["schemas"]

export type MonitoredUser = Schemas["MonitoredUser"]
export type MonitoringView = Schemas["MonitoringView"]
export type WatchList = Schemas["WatchListView"]

const refresh_ms = 10_000

/** Everyone who may be watched, the active first. */
export const monitoredQuery = queryOptions({
  queryKey: keys.monitoring.all,
  queryFn: ({ signal }) => api.get<Schemas["MonitoredList"]>("/api/monitoring", undefined, signal),
  refetchInterval: refresh_ms,
})

export const watchListsQuery = queryOptions({
  queryKey: keys.monitoring.lists,
  queryFn: ({ signal }) => api.get<Schemas["WatchLists"]>("/api/watch-lists", undefined, signal),
})

function useRefreshing() {
  const client = useQueryClient()
  return () => client.invalidateQueries({ queryKey: keys.monitoring.all })
}

/** Switches monitoring on, or sets another end. */
export function useMonitor(user_id: string) {
  const refresh = useRefreshing()
  return useMutation({
    mutationFn: (until: Date) =>
      api.put<MonitoringView>(`/api/users/${user_id}/monitoring`, { until: until.toISOString() }),
    onSuccess: refresh,
  })
}

export function useEndMonitoring(user_id: string) {
  const refresh = useRefreshing()
  return useMutation({
    mutationFn: () => api.delete(`/api/users/${user_id}/monitoring`),
    onSettled: refresh,
  })
}

export function useKeepList() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (list: { name: string; user_ids: string[] }) => api.post<WatchList>("/api/watch-lists", list),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.monitoring.lists }),
  })
}

export function useDropList() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (list_id: string) => api.delete(`/api/watch-lists/${list_id}`),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.monitoring.lists }),
  })
}
