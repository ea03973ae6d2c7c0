/** What is played on one clock: the flows of a conversation, of two people in a time, or some flows from nought. */
import { queryOptions } from "@tanstack/react-query"
import { api } from "@/api/client"
import { checkpointsQuery, flowQuery } from "@/api/flows"
import { keys } from "@/api/keys"
import type { FlowRow } from "@/api/shapes"
import type { PageOf } from "@/api/types"
import type { StoredFlow } from "../apply"
import type { PlaybackSearch } from "../compare/compare-search"
import type { Track } from "./score"

export interface Playback {
  tracks: NamedTrack[]
  /** More than these there are; they are not played. */
  more: boolean
}

export interface NamedTrack extends Track {
  title: string
}

export const most_flows = 60
const page_size = 200
const at_once = 4
const day_ms = 86_400_000

export const playbackQuery = ({ t: _, ...wanted }: PlaybackSearch) =>
  queryOptions({
    queryKey: [...keys.flows.all, "playback", wanted],
    queryFn: ({ client, signal }) => {
      const ask: Ask = {
        list: (query) => api.get<PageOf<FlowRow>>("/api/flows", { ...query, limit: page_size }, signal),
        one: (flow_id) => client.fetchQuery({ ...flowQuery(flow_id), staleTime: 60_000 }),
        steps: async (flow) => ({
          flow,
          checkpoints: await client.fetchQuery({ ...checkpointsQuery(flow.flow_id), staleTime: 60_000 }),
        }),
      }
      if (wanted.flows) return ofFlows(ask, wanted.flows.split(","))
      if (wanted.conversation) return ofConversation(ask, wanted.conversation)
      return ofPeople(ask, wanted)
    },
    staleTime: 60_000,
  })

interface Ask {
  list: (query: Record<string, string>) => Promise<PageOf<FlowRow>>
  one: (flow_id: string) => Promise<FlowRow>
  steps: (flow: FlowRow) => Promise<StoredFlow>
}

/** Each from its own beginning: what took longer is seen to. */
async function ofFlows(ask: Ask, flow_ids: readonly string[]): Promise<Playback> {
  const rows = await Promise.all(flow_ids.slice(0, most_flows).map(ask.one))
  const flows = await together(rows, ask.steps)
  const tracks = flows.map((stored) => ({
    key: stored.flow.flow_id,
    title: stored.flow.user_name,
    flows: [stored],
    shift_ms: Date.parse(stored.flow.started_at),
  }))
  return { tracks, more: flow_ids.length > most_flows }
}

async function ofConversation(ask: Ask, conversation: string): Promise<Playback> {
  const { items, next } = await ask.list({ conversation })
  const rows = items.slice(0, most_flows).toReversed()
  const flows = await together(rows, ask.steps)
  const title = rows[0]?.user_name ?? "Conversation"
  const more = next !== null || items.length > most_flows
  return { tracks: [{ key: conversation, title, flows, shift_ms: 0 }], more }
}

/** Both by the clock on the wall. */
async function ofPeople(ask: Ask, { a, b, since, until }: PlaybackSearch): Promise<Playback> {
  const from = since ?? new Date(Date.now() - day_ms).toISOString()
  const people = [a, b].filter((user): user is string => user !== undefined)
  const lists = await Promise.all(people.map((user) => ask.list({ user, since: from })))
  const tracks: NamedTrack[] = []
  let more = false
  for (const [i, { items, next }] of lists.entries()) {
    const within = items.filter((flow) => !until || Date.parse(flow.started_at) < Date.parse(until))
    const rows = within.slice(0, most_flows / 2).toReversed()
    more ||= next !== null || within.length > rows.length
    const flows = await together(rows, ask.steps)
    const key = people[i] ?? ""
    tracks.push({ key, title: rows[0]?.user_name ?? "", flows, shift_ms: 0 })
  }
  return { tracks, more }
}

/** A few at a time, in order. */
export async function together<In, Out>(
  items: readonly In[],
  work: (item: In) => Promise<Out>,
): Promise<Out[]> {
  const done: Out[] = []
  for (let at = 0; at < items.length; at += at_once)
    done.push(...(await Promise.all(items.slice(at, at + at_once).map(work))))
  return done
}
