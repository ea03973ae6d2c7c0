/** Grants: who may use which tools. Whatever changes them changes what everybody may use. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query"
import { api } from "@/api/client"
import { keys } from "@/api/keys"
import type { GrantCreate, GrantView } from "@/api/shapes"
import type { PageOf } from "@/api/types"

export type GrantFilter = { server?: string; user?: string }

export const grantsQuery = (filter: GrantFilter) =>
  queryOptions({
    queryKey: keys.grants.list(filter),
    queryFn: async ({ signal }) => {
      const items: GrantView[] = []
      let after: string | null = null
      do {
        const query = { ...filter, limit: 100, after }
        const page: PageOf<GrantView> = await api.get("/api/grants", query, signal)
        items.push(...page.items)
        after = page.next
      } while (after !== null)
      return items
    },
  })

export function useSaveGrant(grant_id: string | null) {
  const refresh = useRefresh()
  return useMutation({
    mutationFn: (grant: GrantCreate) =>
      grant_id === null
        ? api.post<GrantView>("/api/grants", grant)
        : api.put<GrantView>(`/api/grants/${grant_id}`, grant),
    onSuccess: refresh,
  })
}

export function useDeleteGrant() {
  const refresh = useRefresh()
  return useMutation({
    mutationFn: (grant_id: string) => api.delete(`/api/grants/${grant_id}`),
    onSuccess: refresh,
  })
}

function useRefresh() {
  const queryClient = useQueryClient()
  return () =>
    Promise.all([
      queryClient.invalidateQueries({ queryKey: keys.grants.all }),
      queryClient.invalidateQueries({ queryKey: keys.users.all }),
    ])
}
