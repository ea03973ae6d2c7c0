/** Lists that come page by page, and their state as a table shows it. */
import { infiniteQueryOptions, type QueryKey } from "@tanstack/react-query"
import { api } from "./client"
import { asProblem, problemWords } from "./problem"
import type { PageOf } from "./types"

type Filter = Record<string, string | number | null | undefined>

const page_size = 50

export function pagesQuery<Row>(path: string, queryKey: QueryKey, filter: Filter = {}) {
  return infiniteQueryOptions({
    queryKey,
    queryFn: ({ pageParam, signal }) =>
      api.get<PageOf<Row>>(path, { limit: page_size, ...filter, after: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  })
}

interface Paged<Row> {
  data: { pages: PageOf<Row>[] } | undefined
  error: Error | null
  hasNextPage: boolean
  isFetchingNextPage: boolean
  fetchNextPage: () => unknown
  refetch: () => unknown
}

/** Rows, error and "more" of a table, from a paged query. */
export function tableState<Row>(query: Paged<Row>) {
  return {
    rows: query.data?.pages.flatMap((page) => page.items),
    error: errorState(query),
    more: query.hasNextPage
      ? { busy: query.isFetchingNextPage, onMore: () => void query.fetchNextPage() }
      : null,
  }
}

/** What is wrong with a query and how to try again; null while nothing is. */
export function errorState({ error, refetch }: { error: Error | null; refetch: () => unknown }) {
  if (!error) return null
  const problem = asProblem(error)
  return {
    words: problemWords(problem),
    request_id: problem.body.request_id,
    onRetry: () => void refetch(),
  }
}
