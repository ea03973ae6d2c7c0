/** A definition that its server changed: what is different, hidden characters made visible, and the decision. */
import { useQuery } from "@tanstack/react-query"
import { Check, EyeOff, ShieldAlert, X } from "lucide-react"
import { errorState } from "@/api/pages"
import type { DefinitionView, FieldChange, ToolView } from "@/api/shapes"
import { Button } from "@/ui/button"
import { CopyValue } from "@/ui/copy"
import { Icon } from "@/ui/icon"
import { ErrorState, Skeleton } from "@/ui/states"
import { Time } from "@/ui/time"
import { ChangeView } from "./change-view"
import { definitionQuery, useDecide } from "./tool-queries"

interface DefinitionCardProps {
  server_id: string
  tool: ToolView
  manage: boolean
}

export function DefinitionCard({ server_id, tool, manage }: DefinitionCardProps) {
  const query = useQuery(definitionQuery(server_id, tool))
  const error = errorState(query)
  return (
    <section
      aria-label={`Changed definition of ${tool.name}`}
      className="flex flex-col gap-3 rounded border border-warn/40 border-l-3 border-l-warn bg-surface p-3"
    >
      {query.data ? (
        <Waiting server_id={server_id} definition={query.data} manage={manage} />
      ) : error ? (
        <ErrorState {...error} />
      ) : (
        <Skeleton className="h-24" />
      )}
    </section>
  )
}

interface WaitingProps {
  server_id: string
  definition: DefinitionView
  manage: boolean
}

function Waiting({ server_id, definition, manage }: WaitingProps) {
  const decide = useDecide(server_id, definition.tool)
  const { sha256, rejected_at } = definition
  return (
    <>
      <DefinitionHead definition={definition} />
      {definition.changes.map((change) => (
        <ChangeView key={change.field} change={change} />
      ))}
      <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-fg-3 text-xs">
        <span className="min-w-0">
          Definition <CopyValue value={sha256} shown={sha256.slice(0, 12)} label="Copy SHA-256" />
        </span>
        {definition.before_sha256 && <span>approved {definition.before_sha256.slice(0, 12)}</span>}
      </p>
      {manage && (
        <div className="flex flex-wrap gap-2">
          <Button
            variant="primary"
            icon={Check}
            busy={decide.isPending}
            onClick={() => decide.mutate({ verdict: "approve", sha256 })}
          >
            Approve
          </Button>
          {!rejected_at && (
            <Button
              icon={X}
              disabled={decide.isPending}
              onClick={() => decide.mutate({ verdict: "reject", sha256 })}
            >
              Reject
            </Button>
          )}
        </div>
      )}
    </>
  )
}

function DefinitionHead({ definition }: { definition: DefinitionView }) {
  const hidden = hiddenOf(definition.changes)
  return (
    <div className="flex flex-col gap-1">
      <p className="flex items-center gap-2 font-medium">
        <Icon of={ShieldAlert} className="text-warn" />
        {headline(definition)}
      </p>
      <p className="text-fg-2">
        Seen <Time at={definition.held_at} />. It is neither offered nor called
        {definition.rejected_at ? " until its server changes it again." : " until you decide."}
      </p>
      {hidden.length > 0 && (
        <p className="flex items-start gap-2 rounded bg-bad-soft px-2 py-1.5">
          <Icon of={EyeOff} size={14} className="mt-0.5 text-bad" />
          <span className="min-w-0 break-words">
            It holds characters that nobody sees but a model reads: {hidden.join(", ")}.
          </span>
        </p>
      )}
    </div>
  )
}

function headline({ before, rejected_at, changes }: DefinitionView): string {
  if (rejected_at) return "You rejected this definition"
  if (before === null) return "This tool is new and waits for you"
  return `Its server changed the ${changes.map((change) => change.field.replace("_", " ")).join(" and the ")}`
}

function hiddenOf(changes: readonly FieldChange[]): string[] {
  return [...new Set(changes.flatMap((change) => change.hidden))]
}
