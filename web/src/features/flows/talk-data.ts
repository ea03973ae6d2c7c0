/** The flows of a conversation with their steps, for its graph: read as they are for playing it. */
import { type QueryClient, queryOptions } from "@tanstack/react-query"
import { api } from "@/api/client"
import { checkpointsQuery } from "@/api/flows"
import { keys } from "@/api/keys"
import { Problem } from "@/api/problem"
import type { FlowRow } from "@/api/shapes"
import type { PageOf } from "@/api/types"
import { most_flows, together } from "./player/playback-data"
import { type Step, stepsOf } from "./steps"
import type { TalkTurn } from "./talk-graph"

export interface Talk {
  turns: TalkTurn[]
  /** Earlier ones there are; they are not shown. */
  more: boolean
}

const follow_ms = 2_000

export const talkGraphQuery = (conversation: string) =>
  queryOptions({
    queryKey: [...keys.flows.all, "turns", conversation],
    queryFn: async ({ client, signal }): Promise<Talk> => {
      const page = await api.get<PageOf<FlowRow>>(
        "/api/flows",
        { conversation, limit: most_flows + 1 },
        signal,
      )
      const rows = page.items.slice(0, most_flows).toReversed()
      const turns = await together(rows, async (flow) => ({ flow, steps: await stepsIn(client, flow) }))
      return { turns, more: page.items.length > rows.length }
    },
    staleTime: 60_000,
    structuralSharing: false,
    refetchInterval: ({ state }) => (state.data?.turns.some(isRunning) ? follow_ms : false),
  })

/** Null while the flow runs, and when the server says that they cannot be read. */
async function stepsIn(client: QueryClient, flow: FlowRow): Promise<Step[] | null> {
  if (flow.status === "running") return null
  try {
    const query = checkpointsQuery(flow.flow_id)
    const checkpoints = await client.fetchQuery({
      ...query,
      staleTime: ({ state: { data } }) => (data?.at(-1)?.kind === "done" ? 60_000 : 0),
    })
    return stepsOf(checkpoints, flow.status)
  } catch (error) {
    if (error instanceof Problem) return null
    throw error
  }
}

function isRunning({ flow }: TalkTurn): boolean {
  return flow.status === "running"
}
