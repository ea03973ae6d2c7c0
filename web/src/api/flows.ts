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
  /** In which dates of `q` are meant. */
  zone?: string
}

const follow_ms = 1_000
const checkpoint_page = 500
const pages_at_once = 4
const most_at_once = 12

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

/**
 * All checkpoints in order; what is known is never read again, and while the flow runs it is followed. Those of
 * a long flow are there page by page: see `isWhole`.
 */
export const checkpointsQuery = (flow_id: string) =>
  queryOptions({
    queryKey: keys.flows.checkpoints(flow_id),
    queryFn: async ({ client, queryKey, signal }) => {
      const known = client.getQueryData<Checkpoint[]>(queryKey) ?? []
      const steps = () => client.getQueryData<FlowRow>(keys.flows.one(flow_id))?.steps
      const so_far = (items: Checkpoint[]) => client.setQueryData(queryKey, [...known, ...items])
      const fresh = await checkpointsBehind(flow_id, known.length, steps, so_far, signal)
      return fresh.length > 0 ? [...known, ...fresh] : known
    },
    refetchInterval: (query) => (isOver(query.state.data) ? false : follow_ms),
    structuralSharing: false,
  })

/** Whether no step of a flow that is over is still on its way. */
export function isWhole({ status, steps }: FlowRow, items: readonly Checkpoint[]): boolean {
  return status === "running" || items.length >= steps
}

/**
 * The numbers of checkpoints have no holes, so the pages of a long flow are asked for together: as many as there
 * are where `steps` tells how many steps the flow has by now. `so_far` is told what came before the last ones.
 */
async function checkpointsBehind(
  flow_id: string,
  known: number,
  steps: () => number | undefined,
  so_far: (items: Checkpoint[]) => void,
  signal: AbortSignal,
): Promise<Checkpoint[]> {
  const page = (after: number) =>
    api.get<PageOf<Checkpoint>>(
      `/api/flows/${flow_id}/checkpoints`,
      { after, limit: checkpoint_page },
      signal,
    )
  const items: Checkpoint[] = []
  let pages = [await page(known)]
  let after = known
  while (pages.length > 0) {
    for (const { items: some } of pages) items.push(...some)
    after += pages.length * checkpoint_page
    const left = Math.ceil(((steps() ?? 0) - after) / checkpoint_page)
    const length = left > 0 ? Math.min(left, most_at_once) : pages_at_once
    const starts = pages.at(-1)?.next ? Array.from({ length }, (_, i) => i) : []
    if (starts.length > 0) so_far(items)
    pages = await Promise.all(starts.map((i) => page(after + i * checkpoint_page)))
  }
  return items
}

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
