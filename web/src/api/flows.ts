/** Flows: lists, one flow, its checkpoints, and the access that held when it ran. */
import { queryOptions } from "@tanstack/react-query"
import { api } from "./client"
import { keys } from "./keys"
import { pagesQuery } from "./pages"
import type { Checkpoint, FlowRow, Snapshot, Source } from "./shapes"
import type { PageOf } from "./types"

export type FlowFilter = {
  user?: string
  /** Outcomes, joined by commas. */
  status?: string
  source?: Source
  conversation?: string
  since?: string
  q?: string
}

const follow_ms = 1_000
const checkpoint_page = 500

export const flowsQuery = (filter: FlowFilter) =>
  pagesQuery<FlowRow>("/api/flows", keys.flows.list(filter), filter)

/** The few flows whose id begins so. */
export const flowsById = (q: string) =>
  queryOptions({
    queryKey: keys.flows.list({ id: q }),
    queryFn: ({ signal }) => api.get<PageOf<FlowRow>>("/api/flows", { q, limit: 5 }, signal),
  })

export const flowQuery = (flow_id: string) =>
  queryOptions({
    queryKey: keys.flows.one(flow_id),
    queryFn: ({ signal }) => api.get<FlowRow>(`/api/flows/${flow_id}`, undefined, signal),
    refetchInterval: (query) => (query.state.data?.status === "running" ? follow_ms : false),
  })

/** All checkpoints in order; while the flow runs they are followed. */
export const checkpointsQuery = (flow_id: string) =>
  queryOptions({
    queryKey: keys.flows.checkpoints(flow_id),
    queryFn: async ({ signal }) => {
      const items: Checkpoint[] = []
      let after: string | null = "0"
      while (after !== null) {
        const query = { after, limit: checkpoint_page }
        const path = `/api/flows/${flow_id}/checkpoints`
        const page: PageOf<Checkpoint> = await api.get(path, query, signal)
        items.push(...page.items)
        after = page.next
      }
      return items
    },
    refetchInterval: (query) => (isOver(query.state.data) ? false : follow_ms),
  })

export const snapshotQuery = (access_id: string) =>
  queryOptions({
    queryKey: keys.access.snapshot(access_id),
    queryFn: ({ signal }) => api.get<Snapshot>(`/api/access-snapshots/${access_id}`, undefined, signal),
    staleTime: Number.POSITIVE_INFINITY,
  })

/** `done` is always last and the only end; without any data there is nothing to follow yet. */
function isOver(items: Checkpoint[] | undefined): boolean {
  return items === undefined || items.at(-1)?.kind === "done"
}
