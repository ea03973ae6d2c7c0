/** The one cache of server state. */
import {
  type InvalidateOptions,
  type InvalidateQueryFilters,
  QueryClient,
  type QueryKey,
} from "@tanstack/react-query"
import { asProblem } from "./problem"

export function makeQueryClient() {
  return new Cache({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (tries, thrown) => tries < 2 && worthRetrying(thrown),
        refetchOnWindowFocus: true,
      },
      mutations: { retry: false },
    },
  })
}

/** A first answer that is still on the way may be older than the change: it is asked for again, too. */
class Cache extends QueryClient {
  override async invalidateQueries<TKey extends QueryKey = QueryKey>(
    filters?: InvalidateQueryFilters<TKey>,
    options?: InvalidateOptions,
  ): Promise<void> {
    const { refetchType: _, ...known } = filters ?? {}
    await this.cancelQueries({
      ...known,
      predicate: (query) => query.state.data === undefined && (filters?.predicate?.(query as never) ?? true),
    })
    return super.invalidateQueries(filters, options)
  }
}

/** A refusal stays a refusal; only silence and server faults may pass by themselves. */
function worthRetrying(thrown: unknown): boolean {
  const { status } = asProblem(thrown)
  return status === 0 || status >= 500
}
