/** Bundles of flows that were recorded elsewhere. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query"
import { api } from "./client"
import { keys } from "./keys"
import type { components } from "./schema"
import type { Checkpoint, FlowRow } from "./shapes"
import type { PageOf } from "./types"

type Schemas = components["schemas"]
export type BundleView = Schemas["BundleView"]

export interface ImportedFlow {
  bundle: BundleView
  flow: FlowRow
  checkpoints: Checkpoint[]
}

export const bundlesQuery = queryOptions({
  queryKey: keys.bundles.list,
  queryFn: ({ signal }) => api.get<Schemas["BundleList"]>("/api/bundles", undefined, signal),
})

export const bundleFlowsQuery = (bundle_id: string) =>
  queryOptions({
    queryKey: keys.bundles.flows(bundle_id),
    queryFn: ({ signal }) =>
      api.get<PageOf<FlowRow>>(`/api/bundles/${bundle_id}/flows`, { limit: 200 }, signal),
  })

export const importedFlowQuery = (bundle_id: string, flow_id: string) =>
  queryOptions({
    queryKey: keys.bundles.flow(bundle_id, flow_id),
    queryFn: ({ signal }) =>
      api.get<ImportedFlow>(`/api/bundles/${bundle_id}/flows/${flow_id}`, undefined, signal),
  })

export function useImport() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: async (file: File) =>
      api.postText<BundleView>("/api/bundles", await file.text(), { name: file.name.slice(0, 200) }),
    onSettled: () => client.invalidateQueries({ queryKey: keys.bundles.list }),
  })
}

export function useRemoveBundle() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (bundle_id: string) => api.delete(`/api/bundles/${bundle_id}`),
    onSettled: () => client.invalidateQueries({ queryKey: keys.bundles.list }),
  })
}
