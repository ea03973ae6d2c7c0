/** Bundles of flows that were recorded elsewhere. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import { api } from "./client"
import { keys } from "./keys"
import { pagesQuery } from "./pages"
import { asProblem } from "./problem"
import type { components } from "./schema"
import type { Checkpoint, FlowRow } from "./shapes"

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
  pagesQuery<FlowRow>(`/api/bundles/${bundle_id}/flows`, keys.bundles.flows(bundle_id))

export const importedFlowQuery = (bundle_id: string, flow_id: string) =>
  queryOptions({
    queryKey: keys.bundles.flow(bundle_id, flow_id),
    queryFn: ({ signal }) =>
      api.get<ImportedFlow>(`/api/bundles/${bundle_id}/flows/${flow_id}`, undefined, signal),
  })

const part_bytes = 1024 * 1024
const tries = 4
const wait_ms = 1_000

/** Sends a file part by part, then has it proven; `onStep` hears how far that is. What is cut off goes on. */
export async function importFile(file: File, onStep: (bundle: BundleView) => void): Promise<BundleView> {
  const begin = { name: file.name.slice(0, 200), size: file.size, mark: `${file.lastModified}` }
  let bundle = await api.post<BundleView>("/api/bundles/uploads", begin)
  const path = `/api/bundles/uploads/${bundle.bundle_id}`
  try {
    while (bundle.state !== "whole") {
      onStep(bundle)
      bundle = await again(() => next(path, file), tries)
    }
  } catch (thrown) {
    if (asProblem(thrown).body.code === "bundle_invalid") await api.delete(`/api/bundles/${bundle.bundle_id}`)
    throw thrown
  }
  return bundle

  function next(path: string, file: File): Promise<BundleView> {
    if (bundle.state === "proving") return api.post<BundleView>(`${path}/prove`)
    const part = file.slice(bundle.received, bundle.received + part_bytes)
    return api.putPart<BundleView>(path, part, { offset: bundle.received })
  }
}

/** Tries once more, a little later, what was refused for no fault of the file: the network, a busy server. */
async function again<T>(act: () => Promise<T>, left: number): Promise<T> {
  try {
    return await act()
  } catch (thrown) {
    const { status } = asProblem(thrown)
    if (left === 0 || (status >= 400 && status < 500)) throw thrown
    await new Promise((resolve) => setTimeout(resolve, wait_ms))
    return again(act, left - 1)
  }
}

export function useImport() {
  const client = useQueryClient()
  const [step, setStep] = useState<BundleView | null>(null)
  const take = useMutation({
    mutationFn: (file: File) => importFile(file, setStep),
    onSettled: () => {
      setStep(null)
      return client.invalidateQueries({ queryKey: keys.bundles.list })
    },
  })
  return { take, step }
}

export function useRemoveBundle() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (bundle_id: string) => api.delete(`/api/bundles/${bundle_id}`),
    onSettled: () => client.invalidateQueries({ queryKey: keys.bundles.list }),
  })
}
