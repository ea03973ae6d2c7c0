/** People, as every page that names or filters by one needs them. */
import { queryOptions } from "@tanstack/react-query"
import { api } from "./client"
import { keys } from "./keys"
import type { PageOf, UserRow } from "./types"

/** By name or e-mail, partial; the empty search gives recent and active people first. */
export const userSearchQuery = (q: string, limit = 8) =>
  queryOptions({
    queryKey: keys.users.list({ q, limit }),
    queryFn: ({ signal }) => api.get<PageOf<UserRow>>("/api/users", { q, limit }, signal),
    staleTime: 15_000,
  })

export const userQuery = (user_id: string) =>
  queryOptions({
    queryKey: keys.users.one(user_id),
    queryFn: ({ signal }) => api.get<UserRow>(`/api/users/${user_id}`, undefined, signal),
    staleTime: 15_000,
  })
