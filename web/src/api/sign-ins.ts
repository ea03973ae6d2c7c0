/** Signing in to servers: how it stands, how it is begun, and how it ends. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query"
import { api } from "./client"
import type { components } from "./schema"

type Schemas = components["schemas"]

export type ServerSignIn = Schemas["ConnectionView"]
export type SignInPlan = Schemas["SignInView"]
export type SignInMode = SignInPlan["mode"]
export type SignInPut = Partial<Schemas["SignInPut"]> & Pick<Schemas["SignInPut"], "mode">
/** What the browser comes back with from a sign-in server. */
export type SignInOutcome = "connected" | "failed" | "expired"

const watch_ms = 5_000
const all = ["sign-ins"] as const

export const signInsQuery = queryOptions({
  queryKey: [...all, "own"],
  queryFn: ({ signal }) => api.get<{ items: ServerSignIn[] }>("/api/connections", undefined, signal),
  refetchInterval: watch_ms,
})

export const signInPlanQuery = (server_id: string) =>
  queryOptions({
    queryKey: [...all, "plan", server_id],
    queryFn: ({ signal }) => api.get<SignInPlan>(`/api/servers/${server_id}/sign-in`, undefined, signal),
    refetchInterval: watch_ms,
  })

/** Leaves for the sign-in server; the browser comes back to `page`. */
export function useConnect(server_id: string, page: "tools" | "server") {
  return useMutation({
    mutationFn: () => api.post<Schemas["AuthorizationView"]>(`/api/servers/${server_id}/connect`, { page }),
    onSuccess: ({ authorization_url }) => window.location.assign(authorization_url),
  })
}

export function useSignOut(server_id: string) {
  const refresh = useRefresh()
  return useMutation({
    mutationFn: () => api.delete<ServerSignIn>(`/api/servers/${server_id}/connection`),
    onSuccess: refresh,
  })
}

export function usePlanSignIn(server_id: string) {
  const refresh = useRefresh()
  return useMutation({
    mutationFn: (body: SignInPut) => api.put<SignInPlan>(`/api/servers/${server_id}/sign-in`, body),
    onSuccess: refresh,
  })
}

export function outcomeOf(search: Record<string, unknown>): SignInOutcome | undefined {
  const { outcome } = search
  return outcome === "connected" || outcome === "failed" || outcome === "expired" ? outcome : undefined
}

function useRefresh() {
  const queryClient = useQueryClient()
  return () =>
    Promise.all([
      queryClient.invalidateQueries({ queryKey: all }),
      queryClient.invalidateQueries({ queryKey: ["servers"] }),
    ])
}
