/** The page of one conversation; its answers are drawn as the chat draws them. */
import { lazy, Suspense } from "react"
import { TalkPage } from "@/features/talks/talk-page"

const Markdown = lazy(() => import("@/features/chat/markdown"))

export function Talk() {
  return (
    <TalkPage
      words={(text) => (
        <Suspense fallback={<p className="whitespace-pre-wrap">{text}</p>}>
          <Markdown text={text} live={false} />
        </Suspense>
      )}
    />
  )
}
