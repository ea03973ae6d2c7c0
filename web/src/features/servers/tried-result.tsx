/** What a tried call gave: how it ended, how long it took, the result, and the flow that holds every step. */
import { useContext } from "react"
import { asProblem, problemWords } from "@/api/problem"
import { duration } from "@/lib/time"
import { type Verdict, VerdictChip } from "@/ui/badge"
import { Card } from "@/ui/card"
import { CopyButton } from "@/ui/copy"
import { FlowLinkContext } from "@/ui/flow-link"
import { JsonView } from "@/ui/json-view"
import { Skeleton } from "@/ui/states"
import { partsOf } from "./result-parts"
import type { Tried } from "./tool-queries"

const verdict_of: Record<string, Verdict> = { ok: "ok", denied: "denied", cancelled: "cancelled" }

interface TriedResultProps {
  tried: Tried | undefined
  error: Error | null
  busy: boolean
}

export function TriedResult({ tried, error, busy }: TriedResultProps) {
  if (busy) return <Skeleton className="h-32" />
  if (error)
    return (
      <p
        role="alert"
        className="rounded border border-bad/30 border-l-3 border-l-bad bg-bad-soft px-3 py-2.5"
      >
        {problemWords(asProblem(error))}
      </p>
    )
  return tried ? <Result tried={tried} /> : null
}

function Result({ tried }: { tried: Tried }) {
  const flowLink = useContext(FlowLinkContext)
  const { text, pictures } = partsOf(tried.result)
  const words = text ?? (pictures.length > 0 ? null : tried.text)
  return (
    <Card
      title="Result"
      words={`after ${duration(tried.duration_ms)}`}
      actions={
        <span className="flex items-center gap-3">
          <VerdictChip verdict={verdict_of[tried.status] ?? "failed"} />
          {flowLink?.(tried.flow_id, "View flow")}
        </span>
      }
    >
      <div role="status" className="flex flex-col gap-3">
        {tried.rule && <p className="text-bad">Denied by rule "{tried.rule}".</p>}
        {words && (
          <div className="relative">
            <pre className="max-h-96 overflow-auto whitespace-pre-wrap break-words rounded border bg-sunken p-3 pr-10 text-xs leading-5">
              {words}
            </pre>
            <CopyButton value={words} label="Copy result" className="absolute top-1.5 right-1.5" />
          </div>
        )}
        {pictures.map(({ key, source }) => (
          <img
            key={key}
            src={source}
            alt="From the result"
            className="max-h-96 max-w-full self-start rounded border"
          />
        ))}
        {tried.result && <JsonView value={tried.result} label="result" open={1} />}
      </div>
    </Card>
  )
}
