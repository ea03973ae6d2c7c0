/** What is read about models, and what is done to them. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query"
import { api } from "@/api/client"
import { keys } from "@/api/keys"
import { asProblem, problemWords } from "@/api/problem"
import type { ModelCreate, ModelPatch, ModelTest, ModelTestView, ModelView } from "@/api/shapes"
import type { PageOf } from "@/api/types"
import { toast } from "@/ui/toast"

export const modelsQuery = queryOptions({
  queryKey: keys.models.list,
  queryFn: ({ signal }) => api.get<PageOf<ModelView>>("/api/models", undefined, signal),
  select: (page) => page.items,
})

export function useTestModel() {
  return useMutation({ mutationFn: (body: ModelTest) => api.post<ModelTestView>("/api/models/test", body) })
}

export function useTestStored(model_id: string) {
  return useMutation({
    mutationFn: () => api.post<ModelTestView>(`/api/models/${model_id}/test`),
    onError: (thrown) => toast.failed("The model was not asked", problemWords(asProblem(thrown))),
  })
}

export function useAddModel() {
  const refresh = useRefresh()
  return useMutation({
    mutationFn: ({ body, force }: { body: ModelCreate; force: boolean }) =>
      api.post<ModelView>("/api/models", body, force ? { force } : undefined),
    onSuccess: refresh,
  })
}

export function useChangeModel(model_id: string) {
  const refresh = useRefresh()
  return useMutation({
    mutationFn: (patch: ModelPatch) => api.patch<ModelView>(`/api/models/${model_id}`, patch),
    onSuccess: refresh,
  })
}

/** For changes without a form of their own, whose error has no other place. */
export function refused(thrown: Error) {
  toast.failed("The model was not changed", problemWords(asProblem(thrown)))
}

export function useDeleteModel() {
  const refresh = useRefresh()
  return useMutation({
    mutationFn: (model_id: string) => api.delete(`/api/models/${model_id}`),
    onSuccess: refresh,
    onError: (thrown) => toast.failed("The model was not removed", problemWords(asProblem(thrown))),
  })
}

function useRefresh() {
  const queryClient = useQueryClient()
  return () => queryClient.invalidateQueries({ queryKey: keys.models.all })
}
