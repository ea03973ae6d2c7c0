/** One conversation: what was said, what is being said, and where to say more. */
import { useQuery } from "@tanstack/react-query"
import { ArrowDown } from "lucide-react"
import { useMemo } from "react"
import { asProblem, problemWords } from "@/api/problem"
import { Button } from "@/ui/button"
import { ErrorState, Skeleton } from "@/ui/states"
import { useStickToEnd } from "@/ui/stick-to-end"
import { Composer } from "./composer"
import { messagesQuery } from "./queries"
import { Start } from "./start"
import { isAwaiting, runningTurn } from "./state"
import { useChat } from "./store"
import { useTalk } from "./talk"
import { ThreadHead } from "./thread-head"
import { ThreadItems } from "./thread-items"
import { type Item, storedTurns, transcript } from "./transcript"

/** How often the store is asked for a turn that the wire says nothing of. */
const look_again_ms = 2_000

interface ThreadProps {
  conversation_id: string | null
  onConversations: () => void
}

export function Thread({ conversation_id, onConversations }: ThreadProps) {
  const awaiting = useChat((state) => state.link === "open" && isAwaiting(state, conversation_id))
  const stored = useQuery({
    ...messagesQuery(conversation_id ?? ""),
    enabled: conversation_id !== null,
    refetchInterval: awaiting ? look_again_ms : false,
  })
  const turns = useChat((state) => state.turns)
  const pending = useChat((state) => state.pending)
  const running = useChat((state) => runningTurn(state, conversation_id))
  const settled = useMemo(() => storedTurns(stored.data ?? []), [stored.data])
  const items = useMemo(
    () => transcript(settled, { turns, pending }, conversation_id),
    [settled, turns, pending, conversation_id],
  )
  const stick = useStickToEnd(conversation_id ?? "new")
  const talk = useTalk(conversation_id, stick.toEnd)
  const loading = conversation_id !== null && stored.isPending && items.length === 0
  const fresh = items.length === 0 && !loading && !stored.isError
  return (
    <>
      <ThreadHead conversation_id={conversation_id} onConversations={onConversations} />
      <div ref={stick.scroller} className="min-h-0 flex-1 overflow-y-auto [scrollbar-gutter:stable]">
        <div
          ref={stick.content}
          className="mx-auto flex min-h-full w-full max-w-[760px] flex-col px-4 sm:px-6"
        >
          {loading && <ThreadSkeleton />}
          {stored.isError && items.length === 0 && (
            <ErrorState words={problemWords(asProblem(stored.error))} onRetry={() => void stored.refetch()} />
          )}
          {fresh ? <Start onSuggest={talk.say} /> : <ThreadItems items={items} talk={talk} />}
        </div>
      </div>
      <div className="relative shrink-0">
        {!stick.at_end && (
          <Button
            size="sm"
            icon={ArrowDown}
            onClick={stick.toEnd}
            className="-top-9 -translate-x-1/2 absolute left-1/2 rounded-full shadow-float"
          >
            Latest
          </Button>
        )}
        <div className="overflow-hidden [scrollbar-gutter:stable]">
          <div className="mx-auto w-full max-w-[760px] px-3 pb-3 sm:px-6 sm:pb-4">
            <Composer
              draft_key={conversation_id ?? "new"}
              running={running}
              talk={talk}
              lastSaid={lastQuestion(items)}
            />
          </div>
        </div>
      </div>
    </>
  )
}

function ThreadSkeleton() {
  return (
    <div aria-busy="true" className="flex flex-col gap-4 pt-6">
      <Skeleton className="ml-auto h-10 w-1/2 rounded-lg" />
      <Skeleton className="h-4 w-full" />
      <Skeleton className="h-4 w-11/12" />
      <Skeleton className="h-4 w-2/3" />
    </div>
  )
}

function lastQuestion(items: readonly Item[]): string {
  const last = items.findLast((item) => item.kind === "question")
  return last?.kind === "question" ? last.text : ""
}
