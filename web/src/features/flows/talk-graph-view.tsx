/** A conversation as one graph: its turns open to their steps, a chosen step shows its card. */
import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { useCallback, useState } from "react"
import { errorState } from "@/api/pages"
import { buttonStyle } from "@/ui/button"
import { EmptyState, ErrorState, Skeleton } from "@/ui/states"
import { StepCard } from "./card"
import { FoldingGraph } from "./graph-folding"
import { scaleOf } from "./steps"
import { type Talk, talkGraphQuery } from "./talk-data"
import { firstTurn, stepAt, talkGraph } from "./talk-graph"

export default function TalkGraph({ conversation_id }: { conversation_id: string }) {
  const query = useQuery(talkGraphQuery(conversation_id))
  const error = errorState(query)
  if (query.data) return <Turns talk={query.data} />
  return error ? <ErrorState title="This graph cannot be shown" {...error} /> : <Skeleton className="h-64" />
}

function Turns({ talk: { turns, more } }: { talk: Talk }) {
  const [selected, setSelected] = useState<string | null>(null)
  const make = useCallback((turned: ReadonlySet<string>) => talkGraph(turns, turned), [turns])
  const chosen = stepAt(turns, selected)
  if (turns.length === 0)
    return <EmptyState title="No flow is kept" words="Nothing of this conversation is on record any more." />
  return (
    <section aria-label="Graph" className="flex min-w-0 flex-col gap-2">
      <FoldingGraph
        make={make}
        first={firstTurn(turns)}
        words={`${more ? `The newest ${turns.length} turns. ` : ""}A turn opens to its steps, a step to its card.`}
        selected={selected}
        onSelect={(node) => setSelected(node?.id ?? null)}
      />
      {chosen && (
        <div className="@container flex flex-col gap-2">
          <StepCard key={selected} step={chosen.step} scale={scaleOf(chosen.turn.steps ?? [])} selected />
          <Link
            to="/admin/flows/$id"
            params={{ id: chosen.turn.flow.flow_id }}
            search={{ step: chosen.step.seq }}
            className={buttonStyle({ size: "sm", className: "self-start" })}
          >
            View step {chosen.step.seq} in its flow
          </Link>
        </div>
      )}
    </section>
  )
}
