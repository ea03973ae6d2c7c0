/** The outcome of a flow in one sentence, then who, when, how long and what it cost. */
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { useCredits } from "@/api/credits"
import { may, useMe } from "@/api/me"
import type { FlowRow } from "@/api/shapes"
import { count, plural, shortId, unturned, usd } from "@/lib/format"
import { Badge, VerdictChip } from "@/ui/badge"
import { CopyValue } from "@/ui/copy"
import { Duration, Time } from "@/ui/time"
import { Tooltip } from "@/ui/tooltip"
import { UserChip } from "@/ui/user-chip"
import { FlowProof } from "./flow-proof"
import { NextStep } from "./next-step"
import { outcomeWords, type Refusal } from "./outcome"
import { sources } from "./words"

interface FlowHeadProps {
  flow: FlowRow
  /** The program that asked, by the name, version and revision that it gave; null for a browser. */
  client: string | null
  trace: string
  /** What refused it; null where nothing did. */
  refused: Refusal | null
}

export function FlowHead({ flow, client, trace, refused }: FlowHeadProps) {
  const own = flow.user_id === useMe().user.user_id
  const person = { user_id: flow.user_id, name: flow.user_name, email: flow.user_email }
  return (
    <header className="flex min-w-0 flex-col gap-1.5">
      <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
        <VerdictChip verdict={flow.status} />
        <h1 className="min-w-0 break-words font-semibold text-lg tracking-tight sm:text-xl">
          {outcomeWords(flow, own)}
        </h1>
      </div>
      <p className="max-w-[80ch] break-words text-fg-2">
        {flow.source === "chat" ? `"${flow.title}"` : flow.title}
      </p>
      {refused && !own && <NextStep flow={flow} refused={refused} />}
      <div className="mt-1 flex flex-wrap items-center gap-x-4 gap-y-1.5">
        <UserChip person={person} />
        <Badge>{sources[flow.source]}</Badge>
        {client && <span className="min-w-0 max-w-full break-words text-fg-2">from {unturned(client)}</span>}
        <Time at={flow.started_at} className="text-fg-2" />
        <Labelled label="took">
          <Duration ms={flow.duration_ms} />
        </Labelled>
        {flow.model && <span className="min-w-0 max-w-full break-words text-fg-2">{flow.model}</span>}
        {flow.input_tokens + flow.output_tokens > 0 && (
          <span className="tabular text-fg-2">
            {count(flow.input_tokens)} tokens in, {count(flow.output_tokens)} out
          </span>
        )}
        <span className="tabular text-fg-2">{plural(flow.tool_calls, "tool call")}</span>
        <Cost flow={flow} />
        <ConversationLink flow={flow} />
        <FlowProof flow={flow} />
        <CopyValue value={flow.flow_id} shown={shortId(flow.flow_id)} label="Copy flow id" />
        <span className="inline-flex items-center gap-1.5 text-fg-3">
          Trace
          <CopyValue value={trace} shown={shortId(trace)} label="Copy trace id" />
        </span>
      </div>
    </header>
  )
}

function Labelled({ label, children }: { label: string; children: ReactNode }) {
  return (
    <span className="text-fg-2">
      {label} {children}
    </span>
  )
}

function Cost({ flow }: { flow: FlowRow }) {
  const credits = useCredits()
  return (
    <Tooltip words={usd(flow.cost_micros)}>
      <span className="tabular text-fg-2">{credits(flow.cost_micros)} credits</span>
    </Tooltip>
  )
}

/** One's own conversation opens in chat, those of others where they are read. */
function ConversationLink({ flow }: { flow: FlowRow }) {
  const me = useMe()
  const id = flow.conversation_id
  const style = "text-accent-text hover:underline"
  if (!id) return null
  if (flow.user_id === me.user.user_id)
    return (
      <Link to="/chat/$id" params={{ id }} className={style}>
        Open conversation
      </Link>
    )
  if (!may(me, "flows.read")) return null
  return (
    <Link to="/admin/conversations/$id" params={{ id }} className={style}>
      Read conversation
    </Link>
  )
}
