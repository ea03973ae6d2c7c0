/** The one cache of server state. */
import { QueryClient } from "@tanstack/react-query"
import { asProblem } from "./problem"

export function makeQueryClient() {
  return new QueryClient({
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

/** A refusal stays a refusal; only silence and server faults may pass by themselves. */
function worthRetrying(thrown: unknown): boolean {
  const { status } = asProblem(thrown)
  return status === 0 || status >= 500
}
