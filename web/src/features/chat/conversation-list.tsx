/** The conversations: search, by age, rename in place, delete with words. */
import { useInfiniteQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { SquarePen } from "lucide-react"
import { useDeferredValue, useState } from "react"
import { asProblem, problemWords } from "@/api/problem"
import { Button, buttonStyle } from "@/ui/button"
import { cn } from "@/ui/cn"
import { Icon } from "@/ui/icon"
import { SearchInput } from "@/ui/input"
import { EmptyState, ErrorState, Skeleton } from "@/ui/states"
import { useNow } from "@/ui/time"
import { ageGroups } from "./age-groups"
import { ConversationRow } from "./conversation-row"
import { conversationsQuery } from "./queries"

interface ConversationListProps {
  active: string | null
  onChoose?: () => void
}

export function ConversationList({ active, onChoose }: ConversationListProps) {
  const [query, setQuery] = useState("")
  return (
    <div className="flex h-full flex-col">
      <div className="flex flex-col gap-2 p-2">
        <Link
          to="/chat"
          onClick={onChoose}
          className={cn(buttonStyle({ variant: "secondary" }), "w-full justify-start px-2.5")}
        >
          <Icon of={SquarePen} size={14} />
          New conversation
        </Link>
        <SearchInput value={query} onValue={setQuery} label="Search conversations" />
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-2 pb-3">
        <Rows query={query} active={active} onChoose={onChoose} onClear={() => setQuery("")} />
      </div>
    </div>
  )
}

interface RowsProps extends ConversationListProps {
  query: string
  onClear: () => void
}

function Rows({ query, active, onChoose, onClear }: RowsProps) {
  const q = useDeferredValue(query.trim())
  const list = useInfiniteQuery({ ...conversationsQuery(q), placeholderData: (before) => before })
  const now_ms = useNow()
  if (list.isPending) return <RowSkeletons />
  if (list.isError) {
    const words = problemWords(asProblem(list.error))
    return <ErrorState words={words} onRetry={() => void list.refetch()} />
  }
  const items = list.data.pages.flatMap((page) => page.items)
  if (items.length === 0 && q) {
    return (
      <EmptyState title="No conversation matches">
        <Button size="sm" onClick={onClear}>
          Clear search
        </Button>
      </EmptyState>
    )
  }
  if (items.length === 0) {
    return (
      <p className="px-2 py-4 text-fg-3 text-xs">What you ask is kept here. You have asked nothing yet.</p>
    )
  }
  return (
    <>
      {ageGroups(items, new Date(now_ms)).map((group) => (
        <section key={group.title} className="mt-2 first:mt-0">
          <h2 className="sticky top-0 z-1 bg-surface px-2 py-1 font-medium text-2xs text-fg-3">
            {group.title}
          </h2>
          <ul className="flex flex-col gap-px">
            {group.items.map((conversation) => (
              <ConversationRow
                key={conversation.conversation_id}
                conversation={conversation}
                active={conversation.conversation_id === active}
                onChoose={onChoose}
              />
            ))}
          </ul>
        </section>
      ))}
      {list.hasNextPage && (
        <Button
          variant="quiet"
          size="sm"
          className="mt-2 w-full"
          busy={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          Show older
        </Button>
      )}
    </>
  )
}

function RowSkeletons() {
  return (
    <div className="flex flex-col gap-3 px-2 pt-2" aria-busy="true">
      {[72, 88, 56, 80, 64].map((width) => (
        <Skeleton key={width} className="h-3.5" style={{ width: `${width}%` }} />
      ))}
    </div>
  )
}
