/** Teams: which there are, who belongs to them, and what is done to them. */
import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query"
import { api } from "./client"
import { keys } from "./keys"
import { pagesQuery } from "./pages"
import type { components } from "./schema"
import type { PageOf } from "./types"

type Schemas = components["schemas"]

export type TeamRef = Schemas["TeamRef"]
export type TeamRow = Schemas["TeamRow"]
export type TeamDetail = Schemas["TeamDetail"]
export type TeamMember = Schemas["MemberView"]

export const teamsQuery = (q: string) => ({
  ...pagesQuery<TeamRow>("/api/teams", keys.teams.list({ q, paged: true }), { q }),
  placeholderData: keepPreviousData,
})

/** By a part of the name; the empty search gives the first by name. */
export const teamSearchQuery = (q: string, limit = 8) =>
  queryOptions({
    queryKey: keys.teams.list({ q, limit }),
    queryFn: ({ signal }) => api.get<PageOf<TeamRow>>("/api/teams", { q, limit }, signal),
    staleTime: 15_000,
  })

/** To which teams a person belongs. */
export const teamsOfQuery = (member: string) =>
  queryOptions({
    queryKey: keys.teams.list({ member }),
    queryFn: ({ signal }) => api.get<PageOf<TeamRow>>("/api/teams", { member, limit: 200 }, signal),
    staleTime: 15_000,
  })

export const teamQuery = (team_id: string) =>
  queryOptions({
    queryKey: keys.teams.one(team_id),
    queryFn: ({ signal }) => api.get<TeamDetail>(`/api/teams/${team_id}`, undefined, signal),
  })

/** Who belongs to a team decides who is monitored. */
function useRefreshing() {
  const client = useQueryClient()
  return () =>
    Promise.all([
      client.invalidateQueries({ queryKey: keys.teams.all }),
      client.invalidateQueries({ queryKey: keys.monitoring.all }),
    ])
}

/** Makes a team, or gives one another name. */
export function useNameTeam(team_id: string | null) {
  const refresh = useRefreshing()
  return useMutation({
    mutationFn: (name: string) =>
      team_id
        ? api.patch<TeamRef>(`/api/teams/${team_id}`, { name })
        : api.post<TeamRef>("/api/teams", { name }),
    onSuccess: refresh,
  })
}

export function useDeleteTeam(team_id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => api.delete(`/api/teams/${team_id}`),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.teams.lists }),
        client.invalidateQueries({ queryKey: keys.monitoring.all }),
      ]),
  })
}

export function useAddMember(team_id: string) {
  const refresh = useRefreshing()
  return useMutation({
    mutationFn: (user_id: string) => api.put(`/api/teams/${team_id}/members/${user_id}`, undefined),
    onSettled: refresh,
  })
}

export function useRemoveMember(team_id: string) {
  const refresh = useRefreshing()
  return useMutation({
    mutationFn: (user_id: string) => api.delete(`/api/teams/${team_id}/members/${user_id}`),
    onSettled: refresh,
  })
}
