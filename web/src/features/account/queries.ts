/** The signed-in person's own sessions and password. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query"
import { api } from "@/api/client"
import { keys } from "@/api/keys"
import { asProblem, problemWords } from "@/api/problem"
import type { SessionView } from "@/api/types"
import { toast } from "@/ui/toast"

export const sessionsQuery = queryOptions({
  queryKey: keys.auth.sessions,
  queryFn: () => api.get<{ items: SessionView[] }>("/api/auth/sessions"),
})

export function useEndSession() {
  return useActed(
    (session_id: string) => api.delete(`/api/auth/sessions/${session_id}`),
    keys.auth.sessions,
    "Session ended",
  )
}

export function useEndOtherSessions() {
  return useActed(() => api.delete("/api/auth/sessions"), keys.auth.sessions, "All other sessions ended")
}

export function useChangePassword(onDone: () => void) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (body: { current: string; new: string }) => api.post("/api/auth/password", body),
    onSuccess: () => {
      toast.done("Password changed")
      onDone()
      return queryClient.invalidateQueries({ queryKey: keys.auth.sessions })
    },
  })
}

function useActed<Given>(act: (given: Given) => Promise<void>, queryKey: readonly string[], done: string) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: act,
    onSuccess: () => toast.done(done),
    onError: (thrown) => toast.failed("That did not work", problemWords(asProblem(thrown))),
    onSettled: () => queryClient.invalidateQueries({ queryKey }),
  })
}
