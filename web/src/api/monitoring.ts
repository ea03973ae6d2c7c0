/** Monitoring: which people and teams may be watched live until when, and one's own lists of people to watch. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query"
import { api } from "./client"
import { keys } from "./keys"
import type { components } from "./schema"

type Schemas = components["schemas"]

export type MonitoredUser = Schemas["MonitoredUser"]
export type MonitoredTeam = Schemas["MonitoredTeamView"]
export type WatchList = Schemas["WatchListView"]

/** A person or a team, by their id. */
export type Whom = { user_id: string } | { team_id: string }

/** How many one connection watches at once. */
export const most_watched = 200

const refresh_ms = 10_000

/** Everyone who may be watched, the active first, and the teams through which they may be. */
export const monitoredQuery = queryOptions({
  queryKey: keys.monitoring.all,
  queryFn: ({ signal }) => api.get<Schemas["MonitoredList"]>("/api/monitoring", undefined, signal),
  refetchInterval: refresh_ms,
})

export const watchListsQuery = queryOptions({
  queryKey: keys.monitoring.lists,
  queryFn: ({ signal }) => api.get<Schemas["WatchLists"]>("/api/watch-lists", undefined, signal),
})

function pathOf(whom: Whom): string {
  const whose = "team_id" in whom ? `teams/${whom.team_id}` : `users/${whom.user_id}`
  return `/api/${whose}/monitoring`
}

function useRefreshing() {
  const client = useQueryClient()
  return () => client.invalidateQueries({ queryKey: keys.monitoring.all })
}

/** Switches monitoring on, or sets another end. */
export function useMonitor(whom: Whom) {
  const refresh = useRefreshing()
  return useMutation({
    mutationFn: (until: Date) => api.put<unknown>(pathOf(whom), { until: until.toISOString() }),
    onSuccess: refresh,
  })
}

export function useEndMonitoring(whom: Whom) {
  const refresh = useRefreshing()
  return useMutation({
    mutationFn: () => api.delete(pathOf(whom)),
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
