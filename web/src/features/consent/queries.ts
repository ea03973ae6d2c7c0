/** What a program asks for, and the answer. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query"
import { api } from "@/api/client"
import { keys } from "@/api/keys"
import type { ConsentDecided, ConsentInspected } from "@/api/types"
import { mayFollow } from "./asked"

export const askedOf = (query: string) =>
  queryOptions({
    queryKey: keys.consents.asked(query),
    queryFn: async () => {
      const found = await api.post<ConsentInspected>("/api/oauth/inspect", { query })
      if (found.redirect) follow(found.redirect)
      return found
    },
    retry: false,
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
  })

export function useDecide(query: string) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (allow: boolean) => api.post<ConsentDecided>("/api/oauth/decide", { query, allow }),
    onSuccess: ({ redirect }) => {
      follow(redirect)
      return queryClient.invalidateQueries({ queryKey: keys.consents.all })
    },
  })
}

/** Sends the browser on with the answer. */
export function follow(address: string) {
  if (mayFollow(address)) window.location.assign(address)
}
