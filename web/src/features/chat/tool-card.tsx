/** One tool call in the flow of an answer: a line when done, arguments and result when opened. */
import { ChevronRight, LoaderCircle, Wrench } from "lucide-react"
import { Collapsible } from "radix-ui"
import { lazy, type ReactNode, Suspense, useMemo, useState } from "react"
import type { CallStatus } from "@/api/types"
import { type Verdict, VerdictChip } from "@/ui/badge"
import { cn } from "@/ui/cn"
import { CopyButton } from "@/ui/copy"
import { Icon } from "@/ui/icon"
import { type Json, parsed } from "@/ui/json-model"
import { Skeleton } from "@/ui/states"
import { Duration } from "@/ui/time"
import { argumentsLine } from "./arguments-line"
import { AskForAccess } from "./ask-for-access"
import type { CallPart } from "./turn"

/** Loaded with the first card that is opened. */
const JsonView = lazy(() => import("@/ui/json-view").then(({ JsonView }) => ({ default: JsonView })))

const verdict_of: Record<CallStatus, { verdict: Verdict; words: string }> = {
  ok: { verdict: "ok", words: "Done" },
  tool_error: { verdict: "failed", words: "Tool error" },
  upstream_error: { verdict: "failed", words: "Server error" },
  timeout: { verdict: "failed", words: "Timed out" },
  cancelled: { verdict: "cancelled", words: "Stopped" },
  denied: { verdict: "denied", words: "Denied" },
  unknown: { verdict: "unknown", words: "Unknown" },
}

export function ToolCard({ call, flow_id }: { call: CallPart; flow_id: string }) {
  const [chosen, setChosen] = useState<boolean | null>(null)
  const { result } = call
  /** A denial says by itself why, and what to do. */
  const open = chosen ?? result?.status === "denied"
  const bad = result !== null && result.status !== "ok" && result.status !== "cancelled"
  return (
    <Collapsible.Root
      open={open}
      onOpenChange={setChosen}
      className={cn(
        "min-w-0 overflow-hidden rounded border border-l-2 bg-raised",
        bad ? "border-l-bad" : "border-l-kind-tool",
      )}
    >
      <Collapsible.Trigger
        className={cn(
          "flex min-h-9 w-full min-w-0 items-center gap-2 px-2.5 py-1.5 text-left transition-colors focus-visible:outline-offset-[-2px]",
          bad ? "wash-bad" : "wash-tool",
        )}
      >
        <Icon
          of={result ? Wrench : LoaderCircle}
          size={14}
          className={cn(bad ? "text-bad" : "text-kind-tool", !result && "animate-turn")}
        />
        <span className="shrink-0 font-medium font-mono text-xs">
          {call.server}.{call.tool}
        </span>
        <span className="min-w-0 flex-1 truncate font-mono text-fg-3 text-xs">
          {argumentsLine(call.arguments)}
        </span>
        {result ? (
          <>
            {result.status !== "ok" && <VerdictChip {...verdict_of[result.status]} />}
            <Duration ms={result.duration_ms} className="text-fg-3 text-xs" />
          </>
        ) : (
          <span className="text-fg-2 text-xs">Running</span>
        )}
        <Icon
          of={ChevronRight}
          size={14}
          className={cn("text-fg-3 transition-transform", open && "rotate-90")}
        />
      </Collapsible.Trigger>
      <Collapsible.Content className="border-t px-2.5 py-2.5">
        <Details call={call} flow_id={flow_id} />
      </Collapsible.Content>
    </Collapsible.Root>
  )
}

function Details({ call, flow_id }: { call: CallPart; flow_id: string }) {
  const { result } = call
  const empty = Object.keys(call.arguments).length === 0
  return (
    <div className="flex flex-col gap-3">
      <Part title="Arguments">
        {empty ? (
          <p className="text-fg-3 text-xs">None</p>
        ) : (
          <JsonView value={call.arguments as Json} label="arguments" />
        )}
      </Part>
      <Part title="Result">
        {!result && <p className="text-fg-3 text-xs">Not there yet</p>}
        {result?.rule && (
          <p className="text-fg-2">
            Decided by the rule{" "}
            <code className="rounded-xs bg-sunken px-1 py-0.5 text-xs">{result.rule}</code>
          </p>
        )}
        {result && <Preview text={result.preview ?? ""} />}
        {result?.status === "denied" && (
          <AskForAccess
            what={`${call.server}.${call.tool} was denied`}
            rule={result.rule}
            flow_id={flow_id}
          />
        )}
      </Part>
    </div>
  )
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3 className="mb-1 font-medium text-fg-3 text-xs">{title}</h3>
      <Suspense fallback={<Skeleton className="h-12" />}>{children}</Suspense>
    </section>
  )
}

function Preview({ text }: { text: string }) {
  const json = useMemo(() => parsed(text), [text])
  if (!text) return <p className="text-fg-3 text-xs">Empty</p>
  if (json !== undefined) return <JsonView value={json} label="result" />
  return (
    <div className="relative rounded border bg-sunken">
      <CopyButton value={text} label="Copy result" className="absolute top-1.5 right-1.5" />
      <pre className="max-h-80 overflow-auto whitespace-pre-wrap break-words p-2.5 pr-10 text-xs leading-5">
        {text}
      </pre>
    </div>
  )
}
