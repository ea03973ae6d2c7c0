/** The page of one conversation; its answers are drawn as the chat draws them, its graph as those of flows. */
import { lazy, Suspense } from "react"
import { TalkPage } from "@/features/talks/talk-page"
import { Skeleton } from "@/ui/states"

const Markdown = lazy(() => import("@/features/chat/markdown"))
const TalkGraph = lazy(() => import("@/features/flows/talk-graph-view"))

export function Talk() {
  return (
    <TalkPage
      words={(text) => (
        <Suspense fallback={<p className="whitespace-pre-wrap">{text}</p>}>
          <Markdown text={text} live={false} />
        </Suspense>
      )}
      graph={(conversation_id) => (
        <Suspense fallback={<Skeleton className="h-64" />}>
          <TalkGraph key={conversation_id} conversation_id={conversation_id} />
        </Suspense>
      )}
    />
  )
}
