/** The chat: conversations at the left, the thread in the middle. */
import { useParams } from "@tanstack/react-router"
import { useState } from "react"
import { Sheet } from "@/ui/later"
import { ConversationList } from "./conversation-list"
import { OfflineBar } from "./offline-bar"
import { Thread } from "./thread"

export function ChatPage() {
  const { id } = useParams({ strict: false })
  const [sheet, setSheet] = useState(false)
  return (
    <div className="flex h-full min-h-0">
      <aside aria-label="Conversations" className="hidden w-64 shrink-0 border-r bg-surface lg:block">
        <ConversationList active={id ?? null} />
      </aside>
      <Sheet open={sheet} onOpen={setSheet} label="Conversations">
        <ConversationList active={id ?? null} onChoose={() => setSheet(false)} />
      </Sheet>
      <div className="relative flex min-w-0 flex-1 flex-col">
        <OfflineBar />
        <Thread key={id ?? "new"} conversation_id={id ?? null} onConversations={() => setSheet(true)} />
      </div>
    </div>
  )
}
