/** Who is signed in here and what they may do. */
import { queryOptions, useSuspenseQuery } from "@tanstack/react-query"
import { api } from "./client"
import { keys } from "./keys"
import { markSignedIn } from "./session"
import type { AuthState, Me, Permission } from "./types"

export const meQuery = queryOptions({
  queryKey: keys.auth.me,
  queryFn: async () => {
    const me = await api.get<Me>("/api/auth/me")
    markSignedIn()
    return me
  },
  staleTime: 60_000,
  retry: false,
})

export const authStateQuery = queryOptions({
  queryKey: keys.auth.state,
  queryFn: () => api.get<AuthState>("/api/auth/state"),
  staleTime: 60_000,
})

/** The signed-in person; only beneath the shell, whose guard has loaded it. */
export function useMe(): Me {
  return useSuspenseQuery(meQuery).data
}

export function may(me: Me, permission: Permission): boolean {
  return me.permissions.includes(permission)
}
