/** Everybody's conversations: pages of them, one, and what was said in it with the flow of each turn. */
import { queryOptions } from "@tanstack/react-query"
import { api } from "@/api/client"
import { keys } from "@/api/keys"
import { pagesQuery } from "@/api/pages"
import type { components } from "@/api/schema"
import type { FlowRow } from "@/api/shapes"
import type { MessageView, PageOf } from "@/api/types"

export type TalkRow = components["schemas"]["TalkRow"]
export type TalkPage = components["schemas"]["TalkPage"]

export type TalkFilter = {
  q?: string
  user?: string
  server?: string
  status?: string
  since?: string
  until?: string
}

const path = "/api/insight/conversations"
const page_size = 200

export const talksQuery = (filter: TalkFilter) =>
  pagesQuery<TalkRow>(path, keys.talks.list(filter), { ...filter, limit: 30 })

export const talkQuery = (id: string) =>
  queryOptions({
    queryKey: keys.talks.one(id),
    queryFn: ({ signal }) => api.get<TalkRow>(`${path}/${id}`, undefined, signal),
  })

/** All that was said, in order. */
export const saidQuery = (id: string) =>
  queryOptions({
    queryKey: keys.talks.part(id, "messages"),
    queryFn: ({ signal }) => all<MessageView>(`${path}/${id}/messages`, {}, signal),
  })

/** The flows of a conversation by their id. */
export const turnsQuery = (id: string) =>
  queryOptions({
    queryKey: keys.talks.part(id, "flows"),
    queryFn: async ({ signal }) => {
      const flows = await all<FlowRow>("/api/flows", { conversation: id }, signal)
      return new Map(flows.map((flow) => [flow.flow_id, flow]))
    },
  })

async function all<Row>(from: string, filter: Record<string, string>, signal: AbortSignal): Promise<Row[]> {
  const items: Row[] = []
  let after: string | null = null
  do {
    const page: PageOf<Row> = await api.get(from, { ...filter, limit: page_size, after }, signal)
    items.push(...page.items)
    after = page.next
  } while (after !== null)
  return items
}
