/** One turn: the question, the calls in one line each, the answer, and what the flow came to. */
import { Link } from "@tanstack/react-router"
import { Workflow, Wrench } from "lucide-react"
import type { ReactNode } from "react"
import { useCredits } from "@/api/credits"
import type { FlowRow } from "@/api/shapes"
import type { CallStatus, MessageView } from "@/api/types"
import { unturned } from "@/lib/format"
import { type Verdict, VerdictChip } from "@/ui/badge"
import { buttonStyle } from "@/ui/button"
import { Icon } from "@/ui/icon"
import { Duration, Time } from "@/ui/time"
import type { TalkTurn } from "./turns"

interface TurnBlockProps {
  turn: TalkTurn
  flow: FlowRow | undefined
  words: (text: string) => ReactNode
}

export function TurnBlock({ turn, flow, words }: TurnBlockProps) {
  return (
    <article className="rounded border bg-surface">
      {turn.question && (
        <header className="flex flex-wrap items-baseline gap-x-3 border-b bg-sunken px-4 py-2.5">
          <p className="min-w-0 flex-1 basis-64 whitespace-pre-wrap break-words font-medium">
            {turn.question.text}
          </p>
          <Time at={turn.question.created_at} className="text-fg-3 text-xs" />
        </header>
      )}
      <div className="flex flex-col gap-2 px-4 py-3">
        {turn.calls.map((message) => (
          <CallLine key={message.message_id} message={message} />
        ))}
        {turn.answers.map((message) => (
          <div key={message.message_id} className="min-w-0 max-w-[80ch] break-words">
            {words(message.text)}
          </div>
        ))}
        {turn.answers.length === 0 && <p className="text-fg-3">No answer was stored.</p>}
      </div>
      {flow && <FlowLine flow={flow} />}
    </article>
  )
}

const came: Record<CallStatus, { verdict: Verdict; words: string }> = {
  ok: { verdict: "ok", words: "Done" },
  tool_error: { verdict: "failed", words: "Tool error" },
  upstream_error: { verdict: "failed", words: "Server error" },
  timeout: { verdict: "failed", words: "Timed out" },
  cancelled: { verdict: "cancelled", words: "Stopped" },
  denied: { verdict: "denied", words: "Denied" },
  unknown: { verdict: "unknown", words: "Unknown" },
}

function CallLine({ message: { call } }: { message: MessageView }) {
  if (!call) return null
  return (
    <p className="flex min-w-0 items-center gap-2 text-fg-2 text-xs">
      <Icon of={Wrench} size={14} className="shrink-0 text-fg-3" />
      <span className="max-w-1/2 shrink-0 break-all font-mono">
        {unturned(`${call.server}.${call.tool}`)}
      </span>
      <span className="truncate">{unturned(call.preview)}</span>
      <VerdictChip {...came[call.status]} className="ml-auto shrink-0" />
    </p>
  )
}

function FlowLine({ flow }: { flow: FlowRow }) {
  const credits = useCredits()
  const link = { to: "/admin/flows/$id", params: { id: flow.flow_id } } as const
  return (
    <footer className="flex flex-wrap items-center gap-x-3 gap-y-1 border-t px-4 py-2 text-fg-2 text-xs">
      <VerdictChip verdict={flow.status} />
      <span className="min-w-0 flex-1 basis-48 truncate">
        {flow.sentence.replace(/^(Denied|Failed): /, "")}
      </span>
      <Duration ms={flow.duration_ms} />
      <span className="tabular">{credits(flow.cost_micros)} credits</span>
      <Link {...link} search={{ view: "graph" }} className={buttonStyle({ variant: "quiet", size: "sm" })}>
        <Icon of={Workflow} size={14} />
        Graph
      </Link>
      <Link {...link} className={buttonStyle({ size: "sm" })}>
        View flow
      </Link>
    </footer>
  )
}
