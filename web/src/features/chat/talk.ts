/** What a person can do in a thread, with what follows: the address of a new conversation, its place in the list. */
import { useQueryClient } from "@tanstack/react-query"
import { useNavigate } from "@tanstack/react-router"
import { useMemo } from "react"
import { create } from "zustand"
import type { Refused } from "@/api/frames"
import { keys } from "@/api/keys"
import { toast } from "@/ui/toast"
import { dismiss, regenerate, say } from "./store"

interface Chosen {
  model: string | null
}

/** The model chosen in this browser window; null is the default one. */
export const useChosenModel = create<Chosen>(() => ({ model: null }))

export interface Talk {
  say: (text: string) => void
  anew: (message_id: string, flow_id: string) => void
  dismiss: (pending_id: string) => void
}

export function useTalk(conversation_id: string | null, toEnd: () => void): Talk {
  const navigate = useNavigate()
  const queryClient = useQueryClient()
  const model = useChosenModel((state) => state.model)
  return useMemo(() => {
    const sayIt = async (text: string) => {
      const outcome = say(text, conversation_id, model)
      requestAnimationFrame(toEnd)
      const taken = await outcome
      if (taken.type === "refused") return
      void queryClient.invalidateQueries({ queryKey: keys.conversations.lists })
      if (conversation_id !== null) return
      queryClient.setQueryData(keys.conversations.messages(taken.conversation_id), (known) => known ?? [])
      await navigate({ to: "/chat/$id", params: { id: taken.conversation_id }, replace: true })
    }
    const anew = async (message_id: string, flow_id: string) => {
      const taken = await regenerate(message_id, flow_id)
      if (taken.type === "refused") toast.failed("The answer was not made anew", refusalWords(taken))
    }
    return {
      say: (text: string) => void sayIt(text),
      anew: (message_id: string, flow_id: string) => void anew(message_id, flow_id),
      dismiss,
    }
  }, [conversation_id, model, navigate, queryClient, toEnd])
}

export function refusalWords(refusal: Refused): string {
  const { retry_after_ms } = refusal
  if (!retry_after_ms) return refusal.detail
  return `${refusal.detail} Try again in ${Math.max(1, Math.ceil(retry_after_ms / 1000))} s.`
}
