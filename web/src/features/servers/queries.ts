/** What is read about servers, and what is done to them. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query"
import { api } from "@/api/client"
import { keys } from "@/api/keys"
import { asProblem, problemWords } from "@/api/problem"
import type { HealthRow, ProbeView, ServerCreate, ServerPatch, ServerView } from "@/api/shapes"
import { toast } from "@/ui/toast"

const watch_ms = 5_000

export const serverQuery = (server_id: string) =>
  queryOptions({
    queryKey: keys.servers.one(server_id),
    queryFn: ({ signal }) => api.get<ServerView>(`/api/servers/${server_id}`, undefined, signal),
    refetchInterval: watch_ms,
  })

export const healthQuery = (server_id: string) =>
  queryOptions({
    queryKey: keys.servers.part(server_id, "health"),
    queryFn: ({ signal }) =>
      api.get<{ items: HealthRow[] }>(`/api/servers/${server_id}/health`, undefined, signal),
    refetchInterval: watch_ms,
  })

export const stderrQuery = (server_id: string) =>
  queryOptions({
    queryKey: keys.servers.part(server_id, "stderr"),
    queryFn: ({ signal }) => api.get<{ text: string }>(`/api/servers/${server_id}/stderr`, undefined, signal),
    refetchInterval: watch_ms,
  })

export function useProbe() {
  return useMutation({ mutationFn: (body: ServerCreate) => api.post<ProbeView>("/api/servers/probe", body) })
}

export function useCreateServer() {
  const refresh = useRefresh()
  return useMutation({
    mutationFn: ({ body, force }: { body: ServerCreate; force: boolean }) =>
      api.post<ServerView>("/api/servers", body, force ? { force } : undefined),
    onSuccess: refresh,
  })
}

export function useChangeServer(server_id: string) {
  const refresh = useRefresh()
  return useMutation({
    mutationFn: ({ force, ...patch }: ServerPatch & { force?: boolean }) =>
      api.patch<ServerView>(`/api/servers/${server_id}`, patch, force ? { force } : undefined),
    onSuccess: refresh,
  })
}

/** Forgets what is stored to prove who asks; `force` also when the server then does not answer. */
export function useForgetCredentials({ server_id, transport }: ServerView) {
  const refresh = useRefresh()
  const patch: ServerPatch = transport !== "stdio" ? { bearer: null, headers: [] } : { env: [] }
  return useMutation({
    mutationFn: (force: boolean) =>
      api.patch<ServerView>(`/api/servers/${server_id}`, patch, force ? { force } : undefined),
    onSuccess: refresh,
  })
}

export function useRefreshServer(server_id: string) {
  const refresh = useRefresh()
  return useMutation({
    mutationFn: () => api.post<ServerView>(`/api/servers/${server_id}/refresh`),
    onSuccess: refresh,
    onError: (thrown) => toast.failed("The server was not checked", problemWords(asProblem(thrown))),
  })
}

export function useDeleteServer() {
  const refresh = useRefresh()
  return useMutation({
    mutationFn: (server_id: string) => api.delete(`/api/servers/${server_id}`),
    onSuccess: refresh,
    onError: (thrown) => toast.failed("The server was not removed", problemWords(asProblem(thrown))),
  })
}

export function useRemoveDemo() {
  const refresh = useRefresh()
  return useMutation({
    mutationFn: () => api.delete("/api/demo"),
    onSuccess: () => {
      toast.done("The demo is gone")
      return refresh()
    },
    onError: (thrown) => toast.failed("The demo was not removed", problemWords(asProblem(thrown))),
  })
}

/** Reads everything again that a change of servers moves. */
export function useRefresh() {
  const queryClient = useQueryClient()
  return () =>
    Promise.all([
      queryClient.invalidateQueries({ queryKey: keys.servers.all }),
      queryClient.invalidateQueries({ queryKey: keys.grants.all }),
      queryClient.invalidateQueries({ queryKey: keys.models.all }),
      queryClient.invalidateQueries({ queryKey: ["insight"] }),
    ])
}
