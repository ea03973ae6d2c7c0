/** The history of flows: pages of a query, its counts, what completes it, and the queries that one keeps. */
import { queryOptions } from "@tanstack/react-query"
import { api } from "./client"
import { keys } from "./keys"
import { asProblem } from "./problem"
import type { components } from "./schema"

type Schemas = components["schemas"]
export type FlowCounts = Schemas["FlowCounts"]
export type FlowPage = Schemas["FlowPage"]
export type Facet = Schemas["Facet"]
export type SavedView = Schemas["ViewView"]
export type TermName = "server" | "tool" | "model" | "error"

/** The reader's own time zone, in which dates of a query are meant. */
export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC"

const fresh_ms = 15_000

export const countsQuery = (q: string) =>
  queryOptions({
    queryKey: keys.flows.counts(q),
    queryFn: ({ signal }) => api.get<FlowCounts>("/api/flows/counts", { q, zone }, signal),
    staleTime: fresh_ms,
    retry: (failures, thrown) => failures < 1 && asProblem(thrown).code !== "query_malformed",
  })

export const termsQuery = (name: TermName, q: string) =>
  queryOptions({
    queryKey: keys.flows.terms(name, q),
    queryFn: ({ signal }) => api.get<{ items: Facet[] }>("/api/flows/terms", { name, q }, signal),
    staleTime: fresh_ms,
  })

export const viewsQuery = queryOptions({
  queryKey: keys.flows.views,
  queryFn: ({ signal }) => api.get<{ items: SavedView[] }>("/api/flows/views", undefined, signal),
})

export const saveView = (name: string, query: string) =>
  api.put<SavedView>("/api/flows/views", { name, query })

export const removeView = (view_id: string) => api.delete(`/api/flows/views/${view_id}`)
