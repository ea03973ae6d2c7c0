/** Conversations of the signed-in person: list, messages, rename, delete. */
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query"
import { api } from "@/api/client"
import { keys } from "@/api/keys"
import { asProblem, problemWords } from "@/api/problem"
import type { ConversationView, MessagePage, MessageView, PageOf } from "@/api/types"
import { toast } from "@/ui/toast"
import { withStored, withTurn } from "./state"
import { resume, useChat } from "./store"

const list_page = 50
const message_page = 200

export const conversationsQuery = (q: string) =>
  infiniteQueryOptions({
    queryKey: keys.conversations.list(q),
    queryFn: ({ pageParam, signal }) =>
      api.get<PageOf<ConversationView>>(
        "/api/conversations",
        { q, limit: list_page, after: pageParam },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  })

/** All messages; a turn that is still running is taken up where its frames are. */
export const messagesQuery = (conversation_id: string) =>
  queryOptions({
    queryKey: keys.conversations.messages(conversation_id),
    queryFn: async ({ signal }) => {
      const { items, running } = await allMessages(conversation_id, signal)
      useChat.setState((state) => withStored(state, items))
      if (running) takeUp(conversation_id, running.flow_id)
      return items
    },
    staleTime: 30_000,
  })

export function useRename() {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: ({ conversation_id, title }: { conversation_id: string; title: string }) =>
      api.patch(`/api/conversations/${conversation_id}`, { title }),
    onError: (thrown) => toast.failed("The name was not changed", problemWords(asProblem(thrown))),
    onSettled: () => queryClient.invalidateQueries({ queryKey: keys.conversations.all }),
  })
}

export function useDelete() {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (conversation_id: string) => api.delete(`/api/conversations/${conversation_id}`),
    onSuccess: () => toast.done("Conversation deleted"),
    onError: (thrown) => toast.failed("The conversation was not deleted", problemWords(asProblem(thrown))),
    onSettled: () => queryClient.invalidateQueries({ queryKey: keys.conversations.all }),
  })
}

async function allMessages(conversation_id: string, signal: AbortSignal) {
  const items: MessageView[] = []
  let after: string | null = null
  for (;;) {
    const query = { limit: message_page, after }
    const page: MessagePage = await api.get(`/api/conversations/${conversation_id}/messages`, query, signal)
    items.push(...page.items)
    if (!page.next) return { items, running: page.running }
    after = page.next
  }
}

function takeUp(conversation_id: string, flow_id: string) {
  const known = useChat.getState().turns[flow_id]
  if (known) return
  useChat.setState((state) => withTurn(state, flow_id, conversation_id))
  resume(conversation_id, flow_id, 0)
}
