/** What is read about people, and what is done to them. */
import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query"
import { api } from "@/api/client"
import { keys } from "@/api/keys"
import { pagesQuery } from "@/api/pages"
import { asProblem, problemWords } from "@/api/problem"
import type {
  BlockOrder,
  BlockPreview,
  BlockReceipt,
  BudgetView,
  LinkCreated,
  ServerAccess,
  UserCreated,
} from "@/api/shapes"
import type { BlockScope, BlockView, Role, UserRow, UserView } from "@/api/types"
import { toast } from "@/ui/toast"

const presence_ms = 5_000

export const peopleQuery = (q: string) => ({
  ...pagesQuery<UserRow>("/api/users", keys.users.list({ q, paged: true }), { q }),
  placeholderData: keepPreviousData,
})

export const personQuery = (user_id: string) =>
  queryOptions({
    queryKey: keys.users.one(user_id),
    queryFn: ({ signal }) => api.get<UserRow>(`/api/users/${user_id}`, undefined, signal),
    refetchInterval: presence_ms,
  })

export const accessQuery = (user_id: string) =>
  queryOptions({
    queryKey: keys.users.part(user_id, "access"),
    queryFn: ({ signal }) =>
      api.get<{ servers: ServerAccess[] }>(`/api/users/${user_id}/access`, undefined, signal),
  })

export const blocksQuery = (user_id: string) =>
  queryOptions({
    queryKey: keys.users.part(user_id, "blocks"),
    queryFn: ({ signal }) =>
      api.get<{ items: BlockView[] }>(`/api/users/${user_id}/blocks`, undefined, signal),
  })

export const budgetQuery = (user_id: string) =>
  queryOptions({
    queryKey: keys.users.part(user_id, "budget"),
    queryFn: ({ signal }) => api.get<BudgetView>(`/api/users/${user_id}/budget`, undefined, signal),
    refetchInterval: presence_ms,
  })

export const defaultBudgetQuery = queryOptions({
  queryKey: keys.budgets.default,
  queryFn: ({ signal }) => api.get<{ limit_micros: number }>("/api/budgets/default", undefined, signal),
})

export const previewQuery = (user_id: string, scope: BlockScope) =>
  queryOptions({
    queryKey: [...keys.users.part(user_id, "preview"), scope],
    queryFn: ({ signal }) => api.get<BlockPreview>(`/api/users/${user_id}/block/preview`, { scope }, signal),
    refetchInterval: 2_000,
    placeholderData: keepPreviousData,
  })

export interface Invitation {
  email: string
  name?: string
  role: Role
}

export function useInvite() {
  const refresh = useRefresh()
  return useMutation({
    mutationFn: (body: Invitation) => api.post<UserCreated>("/api/users", body),
    onSuccess: refresh,
  })
}

export function useNewLink(user_id: string) {
  return useMutation({
    mutationFn: () => api.post<LinkCreated>(`/api/users/${user_id}/link`),
    onError: (thrown) => toast.failed("No link was made", problemWords(asProblem(thrown))),
  })
}

export interface PersonChange {
  name?: string
  role?: Role
  status?: "active" | "deactivated"
}

export function useChangePerson(user_id: string) {
  const refresh = useRefresh()
  return useMutation({
    mutationFn: (change: PersonChange) => api.patch<UserView>(`/api/users/${user_id}`, change),
    onSuccess: refresh,
  })
}

export function useBlock(user_id: string) {
  const refresh = useRefresh()
  return useMutation({
    mutationFn: (order: BlockOrder) => api.put<BlockReceipt>(`/api/users/${user_id}/block`, order),
    onSuccess: refresh,
  })
}

export function useUnblock(user_id: string) {
  const refresh = useRefresh()
  return useMutation({
    mutationFn: () => api.delete<UserView>(`/api/users/${user_id}/block`),
    onSuccess: () => {
      toast.done("Unblocked. Sign-in and tokens work again.")
      return refresh()
    },
    onError: (thrown) => toast.failed("The block still stands", problemWords(asProblem(thrown))),
  })
}

export function useSetBudget(user_id: string) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (limit_micros: number | null) =>
      api.put<BudgetView>(`/api/users/${user_id}/budget`, { limit_micros }),
    onSuccess: (budget) => {
      queryClient.setQueryData(budgetQuery(user_id).queryKey, budget)
      return queryClient.invalidateQueries({ queryKey: keys.users.all })
    },
  })
}

export function useSetDefaultBudget() {
  const queryClient = useQueryClient()
  const refresh = useRefresh()
  return useMutation({
    mutationFn: (limit_micros: number) =>
      api.put<{ limit_micros: number }>("/api/budgets/default", { limit_micros }),
    onSuccess: (budget) => {
      queryClient.setQueryData(keys.budgets.default, budget)
      void queryClient.invalidateQueries({ queryKey: keys.auth.me })
      return refresh()
    },
  })
}

function useRefresh() {
  const queryClient = useQueryClient()
  return () =>
    Promise.all([
      queryClient.invalidateQueries({ queryKey: keys.users.all }),
      queryClient.invalidateQueries({ queryKey: ["insight"] }),
    ])
}
