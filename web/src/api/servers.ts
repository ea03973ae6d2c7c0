/** Servers as several pages name them. */
import { queryOptions } from "@tanstack/react-query"
import { api } from "./client"
import { keys } from "./keys"
import type { ServerView } from "./shapes"
import type { PageOf } from "./types"

const watch_ms = 5_000

export const serversQuery = queryOptions({
  queryKey: keys.servers.list,
  queryFn: async ({ signal }) => {
    const items: ServerView[] = []
    let after: string | null = null
    do {
      const page: PageOf<ServerView> = await api.get("/api/servers", { limit: 100, after }, signal)
      items.push(...page.items)
      after = page.next
    } while (after !== null)
    return items
  },
  refetchInterval: watch_ms,
})
