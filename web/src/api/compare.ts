/** Comparing: two accesses, two people over a time, the neighbours of a flow. */
import { queryOptions } from "@tanstack/react-query"
import { api } from "./client"
import { keys } from "./keys"
import type { components } from "./schema"
import type { FlowRow } from "./shapes"

type Schemas = components["schemas"]

export type AccessDifference = Schemas["AccessDifference"]
export type AccessChange = Schemas["AccessChange"]
export type Standing = Schemas["Standing"]
export type PeopleDifference = Schemas["PeopleDifference"]
export type PersonPeriod = Schemas["PersonPeriod"]

export interface Neighbours {
  previous: FlowRow | null
  next: FlowRow | null
}

export interface PeoplePair {
  a: string
  b: string
  since: string
  until?: string
}

export const neighboursQuery = (flow_id: string) =>
  queryOptions({
    queryKey: [...keys.flows.one(flow_id), "neighbours"],
    queryFn: ({ signal }) =>
      api.get<Neighbours>(`/api/insight/flows/${flow_id}/neighbours`, undefined, signal),
  })

/** Snapshots never change, so neither does their difference. */
export const accessDifferenceQuery = (a: string, b: string) =>
  queryOptions({
    queryKey: [...keys.access.snapshot(a), "against", b],
    queryFn: ({ signal }) => api.get<AccessDifference>("/api/insight/compare/access", { a, b }, signal),
    staleTime: Number.POSITIVE_INFINITY,
  })

export const peopleDifferenceQuery = (pair: PeoplePair) =>
  queryOptions({
    queryKey: [...keys.users.all, "compared", pair],
    queryFn: ({ signal }) => api.get<PeopleDifference>("/api/insight/compare/people", { ...pair }, signal),
  })
