/** What the person said. */
import { CircleHelp, Clock, RotateCcw, ShieldX, X } from "lucide-react"
import { memo } from "react"
import { Button } from "@/ui/button"
import { cn } from "@/ui/cn"
import { Icon } from "@/ui/icon"
import { refusalWords, type Talk } from "./talk"
import type { Question } from "./transcript"

const unsure_words =
  "The connection broke while this was sent. If it arrived, its answer is in your conversations."

interface QuestionBlockProps {
  question: Question
  talk: Talk
}

export const QuestionBlock = memo(function QuestionBlock({ question, talk }: QuestionBlockProps) {
  const { text, state, refusal } = question
  const again = () => {
    talk.dismiss(question.key)
    talk.say(text)
  }
  return (
    <div className="flex flex-col items-end gap-1.5">
      <h2 className="sr-only">You said</h2>
      <p className="max-w-[88%] whitespace-pre-wrap break-words rounded-lg bg-accent-soft px-3.5 py-2 text-base">
        {text}
      </p>
      {state === "waiting" && (
        <p className="flex items-center gap-1.5 text-fg-3 text-xs">
          <Icon of={Clock} size={12} />
          Waits for the connection
        </p>
      )}
      {(refusal || state === "unsure") && (
        <div role="alert" className="flex max-w-[88%] flex-col items-end gap-1.5 text-xs">
          <p className={cn("flex items-start gap-1.5", refusal ? "text-bad" : "text-fg-2")}>
            <Icon of={refusal ? ShieldX : CircleHelp} size={14} className="mt-px" />
            {refusal ? `Not sent. ${refusalWords(refusal)}` : unsure_words}
          </p>
          <div className="flex gap-1.5">
            <Button size="sm" icon={RotateCcw} onClick={again}>
              Send again
            </Button>
            <Button size="sm" variant="quiet" icon={X} onClick={() => talk.dismiss(question.key)}>
              Dismiss
            </Button>
          </div>
        </div>
      )}
    </div>
  )
})
