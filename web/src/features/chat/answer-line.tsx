/** The quiet line under an answer: model, tokens, cost, credits left, time, and what can be done with it. */
import { RotateCcw } from "lucide-react"
import { type ReactNode, useContext } from "react"
import { count, credits, usd } from "@/lib/format"
import { duration } from "@/lib/time"
import { IconButton } from "@/ui/button"
import { CopyButton } from "@/ui/copy"
import { FlowLinkContext } from "@/ui/flow-link"
import { Time } from "@/ui/time"
import { Tooltip } from "@/ui/tooltip"
import { useChat } from "./store"
import type { Answer } from "./transcript"

interface AnswerLineProps {
  answer: Answer
  onAnew?: () => void
}

export function AnswerLine({ answer, onAnew }: AnswerLineProps) {
  const flowLink = useContext(FlowLinkContext)
  const text = answer.parts
    .map((part) => (part.kind === "text" ? part.text : ""))
    .join("\n\n")
    .trim()
  return (
    <footer className="-ml-1.5 flex items-start gap-x-1 text-fg-3 text-xs">
      <span className="flex shrink-0 items-center">
        {text && <CopyButton value={text} label="Copy answer" className="size-7" />}
        {onAnew && (
          <IconButton icon={RotateCcw} label="Answer anew" size="sm" onClick={onAnew} className="text-fg-3" />
        )}
      </span>
      <span className="dotted-facts flex min-h-7 min-w-0 flex-1 flex-wrap items-center overflow-hidden">
        {facts(answer).map((fact) => (
          <span key={fact.key} className="tabular whitespace-nowrap">
            {fact.shown}
          </span>
        ))}
        <Cost answer={answer} />
        {answer.at && (
          <span>
            <Time at={answer.at} />
          </span>
        )}
        {flowLink && <span>{flowLink(answer.flow_id, "View flow")}</span>}
      </span>
    </footer>
  )
}

function facts({ model, usage, ending }: Answer): { key: string; shown: ReactNode }[] {
  const shown: { key: string; shown: ReactNode }[] = []
  if (model) shown.push({ key: "model", shown: model })
  if (usage && usage.input_tokens + usage.output_tokens > 0) {
    const about = usage.estimated ? "about " : ""
    shown.push({
      key: "tokens",
      shown: `${about}${count(usage.input_tokens)} tokens in, ${count(usage.output_tokens)} out`,
    })
  }
  if (ending?.duration_ms !== null && ending?.duration_ms !== undefined) {
    shown.push({ key: "time", shown: duration(ending.duration_ms) })
  }
  return shown
}

function Cost({ answer }: { answer: Answer }) {
  const rate = useChat((state) => state.welcome?.credit_micros)
  if (!answer.usage) return null
  const { charged_micros, remaining_micros } = answer.usage
  const left = remaining_micros === null ? "" : `; ${credits(remaining_micros, rate)} left after it`
  return (
    <span>
      <Tooltip words={`${usd(charged_micros)}${left}`}>
        <span className="tabular whitespace-nowrap">{credits(charged_micros, rate)} credits</span>
      </Tooltip>
    </span>
  )
}
