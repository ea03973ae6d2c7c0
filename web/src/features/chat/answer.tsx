/** One answer: text and calls in the order they came, how it ended, and a quiet line of facts. */
import { lazy, memo, Suspense } from "react"
import { AnswerLine } from "./answer-line"
import { EndingNote } from "./ending-note"
import { ToolCard } from "./tool-card"
import type { Answer } from "./transcript"
import type { Part } from "./turn"

/** Asked for as soon as the chat is, so that it is there when the first words are. */
const markdown = import("./markdown")
const Markdown = lazy(() => markdown)

interface AnswerBlockProps {
  answer: Answer
  last: boolean
  /** What to answer anew; null while the question has no id. */
  question_id: string | null
  onAnew: (message_id: string, flow_id: string) => void
}

export const AnswerBlock = memo(function AnswerBlock(props: AnswerBlockProps) {
  const { answer, last, question_id, onAnew } = props
  const { parts, ending, thinking } = answer
  const live = ending === null
  return (
    <article aria-busy={live} className="group/answer flex min-w-0 flex-col gap-3">
      <h2 className="sr-only">Answer</h2>
      {parts.map((part, i) => (
        <PartView key={part.key} part={part} flow_id={answer.flow_id} live={live && i === parts.length - 1} />
      ))}
      {live && thinking && <Thinking />}
      {ending && ending.status !== "ok" && <EndingNote ending={ending} flow_id={answer.flow_id} />}
      {ending && (
        <AnswerLine
          answer={answer}
          onAnew={last && question_id ? () => onAnew(question_id, answer.flow_id) : undefined}
        />
      )}
    </article>
  )
})

function PartView({ part, flow_id, live }: { part: Part; flow_id: string; live: boolean }) {
  if (part.kind === "call") return <ToolCard call={part} flow_id={flow_id} />
  return (
    <Suspense
      fallback={<p className="invisible whitespace-pre-wrap text-base leading-relaxed">{part.text}</p>}
    >
      <Markdown text={part.text} live={live} />
    </Suspense>
  )
}

function Thinking() {
  return (
    <p role="status" className="flex h-6 items-center gap-2 text-fg-3">
      <span aria-hidden="true" className="flex gap-1">
        {["0ms", "160ms", "320ms"].map((delay) => (
          <span
            key={delay}
            style={{ animationDelay: delay }}
            className="size-1.5 animate-skeleton rounded-full bg-fg-3"
          />
        ))}
      </span>
      Thinking
    </p>
  )
}
