/** What is read about virtual servers, and what is done to them. */
import { queryOptions, useMutation } from "@tanstack/react-query"
import { api } from "@/api/client"
import { keys } from "@/api/keys"
import { asProblem, problemWords } from "@/api/problem"
import type { VirtualCreate, VirtualPatch, VirtualView } from "@/api/shapes"
import type { PageOf } from "@/api/types"
import { toast } from "@/ui/toast"
import { useRefresh } from "./queries"

export const virtualQuery = queryOptions({
  queryKey: keys.servers.virtual,
  queryFn: async ({ signal }) => {
    const items: VirtualView[] = []
    let after: string | null = null
    do {
      const page: PageOf<VirtualView> = await api.get("/api/virtual-servers", { limit: 100, after }, signal)
      items.push(...page.items)
      after = page.next
    } while (after !== null)
    return items
  },
})

export function useCreateVirtual() {
  const refresh = useRefresh()
  return useMutation({
    mutationFn: (body: VirtualCreate) => api.post<VirtualView>("/api/virtual-servers", body),
    onSuccess: refresh,
  })
}

export function useChangeVirtual() {
  const refresh = useRefresh()
  return useMutation({
    mutationFn: ({ server_id, patch }: { server_id: string; patch: VirtualPatch }) =>
      api.patch<VirtualView>(`/api/virtual-servers/${server_id}`, patch),
    onSuccess: refresh,
  })
}

export function useDeleteVirtual() {
  const refresh = useRefresh()
  return useMutation({
    mutationFn: (server_id: string) => api.delete(`/api/virtual-servers/${server_id}`),
    onSuccess: refresh,
    onError: (thrown) => toast.failed("The virtual server was not removed", problemWords(asProblem(thrown))),
  })
}
