/** What the signed-in person may use. */
import { queryOptions } from "@tanstack/react-query"
import { api } from "./client"
import { keys } from "./keys"
import type { AccessOfPerson } from "./types"

export const accessOfQuery = (user_id: string) =>
  queryOptions({
    queryKey: keys.users.part(user_id, "access"),
    queryFn: ({ signal }) => api.get<AccessOfPerson>(`/api/users/${user_id}/access`, undefined, signal),
    staleTime: 30_000,
  })
