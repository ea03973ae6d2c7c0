/** The questions and answers of a thread: the latest at once, earlier ones when asked for. */
import { ChevronUp } from "lucide-react"
import { useState } from "react"
import { Button } from "@/ui/button"
import { cn } from "@/ui/cn"
import { AnswerBlock } from "./answer"
import { QuestionBlock } from "./question"
import type { Talk } from "./talk"
import type { Item } from "./transcript"

const page_items = 60
/** These are always laid out whole; those before them only when they come into view. */
const whole_items = 12

export function ThreadItems({ items, talk }: { items: readonly Item[]; talk: Talk }) {
  const [limit, setLimit] = useState(page_items)
  const hidden = Math.max(0, items.length - limit)
  const last_key = items.at(-1)?.key
  return (
    <div className="flex flex-col pt-6 pb-8">
      {hidden > 0 && (
        <Button
          size="sm"
          variant="quiet"
          icon={ChevronUp}
          className="mb-6 self-center"
          onClick={() => setLimit(limit + page_items)}
        >
          Show earlier
        </Button>
      )}
      <ol className="flex flex-col gap-6">
        {items.slice(hidden).map((item, i) => (
          <li
            key={`${item.kind}-${item.key}`}
            className={cn("min-w-0", hidden + i < items.length - whole_items && "off-screen-light")}
          >
            {item.kind === "question" ? (
              <QuestionBlock question={item} talk={talk} />
            ) : (
              <AnswerBlock
                answer={item}
                last={item.key === last_key}
                question_id={questionBefore(items, hidden + i)}
                onAnew={talk.anew}
              />
            )}
          </li>
        ))}
      </ol>
    </div>
  )
}

function questionBefore(items: readonly Item[], at: number): string | null {
  const before = items[at - 1]
  return before?.kind === "question" ? before.message_id : null
}
