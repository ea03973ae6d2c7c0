/** Signing out: the server ends the session, then this browser forgets what it knew. */
import { useQueryClient } from "@tanstack/react-query"
import { useNavigate } from "@tanstack/react-router"
import { api } from "@/api/client"
import { asProblem, problemWords } from "@/api/problem"
import { clearSession } from "@/api/session"
import { toast } from "@/ui/toast"

export function useSignOut() {
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  return async () => {
    try {
      await api.post("/api/auth/logout")
    } catch (thrown) {
      toast.failed("You are still signed in", problemWords(asProblem(thrown)))
      return
    }
    clearSession()
    await navigate({ to: "/login", search: {} })
    queryClient.clear()
  }
}
