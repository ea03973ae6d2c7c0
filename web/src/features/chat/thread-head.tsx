/** On narrow screens: which conversation this is, the way to the others, and to a new one. */
import { useQueryClient } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { PanelLeft, SquarePen } from "lucide-react"
import { keys } from "@/api/keys"
import type { ConversationView, PageOf } from "@/api/types"
import { buttonStyle, IconButton } from "@/ui/button"
import { cn } from "@/ui/cn"
import { Icon } from "@/ui/icon"

interface ThreadHeadProps {
  conversation_id: string | null
  onConversations: () => void
}

export function ThreadHead({ conversation_id, onConversations }: ThreadHeadProps) {
  const title = useKnownTitle(conversation_id)
  return (
    <>
      <h1 className="sr-only">{title}</h1>
      <div className="flex h-10 shrink-0 items-center gap-1 border-b bg-surface px-2 lg:hidden">
        <IconButton icon={PanelLeft} label="Conversations" onClick={onConversations} />
        <span aria-hidden="true" className="min-w-0 flex-1 truncate text-fg-2">
          {title}
        </span>
        {conversation_id && (
          <Link
            to="/chat"
            aria-label="New conversation"
            className={cn(buttonStyle({ variant: "quiet" }), "size-8 px-0")}
          >
            <Icon of={SquarePen} />
          </Link>
        )}
      </div>
    </>
  )
}

/** The title as the list has it; the list is loaded beside every thread. */
function useKnownTitle(conversation_id: string | null): string {
  const queryClient = useQueryClient()
  if (!conversation_id) return "New conversation"
  const lists = queryClient.getQueriesData<{ pages: PageOf<ConversationView>[] }>({
    queryKey: keys.conversations.lists,
  })
  const known = lists.flatMap(([, data]) => data?.pages.flatMap((page) => page.items) ?? [])
  return known.find((one) => one.conversation_id === conversation_id)?.title ?? "Conversation"
}
