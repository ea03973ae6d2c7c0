/** The proof of the record, and how long it is kept. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query"
import { api } from "./client"
import { keys } from "./keys"
import type { components } from "./schema"

type Schemas = components["schemas"]
export type RecordProof = Schemas["RecordProof"]
export type FlowProof = Schemas["FlowProof"]
export type RetentionRule = Schemas["RetentionRule"]
export type Subject = RetentionRule["subject"]
export type Anchors = Schemas["AnchorsView"]
export type ErasurePreview = Schemas["ErasurePreview"]

const follow_ms = 15_000
const soon_ms = 1_500

export const recordProofQuery = queryOptions({
  queryKey: keys.proof.record,
  queryFn: ({ signal }) => api.get<RecordProof>("/api/journal/verify", undefined, signal),
  refetchInterval: follow_ms,
})

/** What was sealed a moment ago is asked for again until it is proven. */
export const flowProofQuery = (flow_id: string) =>
  queryOptions({
    queryKey: keys.proof.flow(flow_id),
    queryFn: ({ signal }) => api.get<FlowProof>(`/api/flows/${flow_id}/proof`, undefined, signal),
    refetchInterval: (query) => (query.state.data?.state === "unsealed" ? soon_ms : false),
  })

export const anchorsQuery = queryOptions({
  queryKey: keys.proof.anchors,
  queryFn: ({ signal }) => api.get<Anchors>("/api/journal/anchors", undefined, signal),
  refetchInterval: follow_ms,
})

export const retentionQuery = queryOptions({
  queryKey: keys.proof.retention,
  queryFn: ({ signal }) => api.get<Schemas["RetentionList"]>("/api/retention", undefined, signal),
})

export const retentionPreviewQuery = (subject: Subject, days: number | null) =>
  queryOptions({
    queryKey: [...keys.proof.retention, subject, days],
    queryFn: ({ signal }) =>
      api.get<Schemas["RetentionPreview"]>(`/api/retention/${subject}/preview`, { days }, signal),
    enabled: days !== null,
  })

export const erasureQuery = (user_id: string) =>
  queryOptions({
    queryKey: keys.proof.erasure(user_id),
    queryFn: ({ signal }) => api.get<ErasurePreview>(`/api/users/${user_id}/erase`, undefined, signal),
  })

export function useVerifyNow() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => api.post("/api/journal/verify"),
    onSettled: () =>
      setTimeout(() => void client.invalidateQueries({ queryKey: keys.proof.record }), soon_ms),
  })
}

export function useKeepFor(subject: Subject) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (days: number | null) => api.put(`/api/retention/${subject}`, { days }),
    onSettled: () => client.invalidateQueries({ queryKey: keys.proof.retention }),
  })
}

export function useErase(user_id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => api.post(`/api/users/${user_id}/erase`),
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.proof.erasure(user_id) }),
        client.invalidateQueries({ queryKey: keys.teams.all }),
        client.invalidateQueries({ queryKey: keys.monitoring.all }),
      ]),
  })
}

export function useSetAnchors() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (change: Schemas["AnchorsChange"]) => api.put<Anchors>("/api/journal/anchors", change),
    onSuccess: (now) => client.setQueryData(keys.proof.anchors, now),
  })
}

export function useSendAnchor() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => api.post<Anchors>("/api/journal/anchors/send"),
    onSuccess: (now) => client.setQueryData(keys.proof.anchors, now),
  })
}
