/** The address of `/mcp`, the access tokens of the signed-in person, and the programs that are connected. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query"
import { api } from "@/api/client"
import { keys } from "@/api/keys"
import { asProblem, problemWords } from "@/api/problem"
import type { Connection, ConsentView, TokenCreate, TokenCreated, TokenView } from "@/api/types"
import { toast } from "@/ui/toast"

export const connectionQuery = queryOptions({
  queryKey: keys.consents.connection,
  queryFn: () => api.get<Connection>("/api/oauth/connection"),
  staleTime: Number.POSITIVE_INFINITY,
})

export const consentsQuery = queryOptions({
  queryKey: keys.consents.list,
  queryFn: () => api.get<{ items: ConsentView[] }>("/api/oauth/consents"),
})

export const tokensQuery = queryOptions({
  queryKey: keys.tokens.all,
  queryFn: () => api.get<{ items: TokenView[] }>("/api/tokens"),
})

export function useCreateToken() {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (body: TokenCreate) => api.post<TokenCreated>("/api/tokens", body),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.tokens.all }),
  })
}

export function useRevokeToken() {
  return useEnded((token_id: string) => `/api/tokens/${token_id}`, keys.tokens.all, "Token revoked")
}

export function useDisconnect() {
  return useEnded((id: string) => `/api/oauth/consents/${id}`, keys.consents.list, "Program disconnected")
}

function useEnded(path: (id: string) => string, queryKey: readonly string[], done: string) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => api.delete(path(id)),
    onSuccess: () => toast.done(done),
    onError: (thrown) => toast.failed("That did not work", problemWords(asProblem(thrown))),
    onSettled: () => queryClient.invalidateQueries({ queryKey }),
  })
}
