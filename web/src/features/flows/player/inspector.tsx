/** How things stood at the playhead: credits, tools allowed, block, what it had cost by then. */
import { useQuery } from "@tanstack/react-query"
import { Ban, Check } from "lucide-react"
import { useMemo } from "react"
import { useCredits } from "@/api/credits"
import { snapshotQuery } from "@/api/flows"
import type { Checkpoint } from "@/api/shapes"
import { count, plural, usd } from "@/lib/format"
import { exactUtc } from "@/lib/time"
import { Badge } from "@/ui/badge"
import { Fact, Facts } from "@/ui/card"
import { Chips } from "@/ui/chips"
import { Meter } from "@/ui/meter"
import { toolChips } from "../access-chips"
import { kindOf } from "../kinds"
import { type Standing, standingAfter } from "./standing"

export function Inspector({ checkpoints }: { checkpoints: readonly Checkpoint[] }) {
  const standing = useMemo(() => standingAfter(checkpoints), [checkpoints])
  const last = checkpoints.at(-1)
  return (
    <section
      aria-label="State at this moment"
      className="flex min-w-0 flex-col gap-3 rounded border bg-surface p-3 text-xs"
    >
      <h2 className="font-semibold text-sm">State at this moment</h2>
      {last ? (
        <p className="text-fg-2">
          After step {last.seq}, {kindOf(last.kind).title.toLowerCase()}
          <span className="tabular block text-fg-3">{exactUtc(new Date(last.at))}</span>
        </p>
      ) : (
        <p className="text-fg-2">Before the first step.</p>
      )}
      <Credits standing={standing} />
      <Facts>
        <Fact label="Block">
          <Block standing={standing} />
        </Fact>
        <Fact label="Servers">
          {standing.servers ? (
            `${standing.servers.allowed} of ${plural(standing.servers.total, "server")}`
          ) : (
            <Untold />
          )}
        </Fact>
        <Fact label="Calls">
          <span className="tabular">{count(standing.tool_calls)}</span>
        </Fact>
        <Fact label="Tokens">
          <span className="tabular">
            {count(standing.input_tokens)} in, {count(standing.output_tokens)} out
          </span>
        </Fact>
        <Fact label="Cost">
          <span className="tabular">{usd(standing.cost_micros)}</span>
        </Fact>
      </Facts>
      <Tools standing={standing} />
    </section>
  )
}

function Credits({ standing: { remaining_micros, limit_micros, reserved_micros } }: { standing: Standing }) {
  const credits = useCredits()
  if (remaining_micros === null)
    return (
      <p>
        <span className="text-fg-3">Credits </span>
        <Untold />
      </p>
    )
  const of = limit_micros === null ? "" : ` of ${credits(limit_micros)}`
  const words = `${credits(remaining_micros)}${of} credits left`
  return (
    <div>
      <p className="tabular flex flex-wrap justify-between gap-x-2">
        <span>{words}</span>
        {reserved_micros > 0 && <span className="text-fg-3">{credits(reserved_micros)} reserved</span>}
      </p>
      {limit_micros !== null && limit_micros > 0 && (
        <Meter share={remaining_micros / limit_micros} label={words} className="mt-1.5" />
      )}
    </div>
  )
}

function Block({ standing: { block } }: { standing: Standing }) {
  if (!block) return <Untold />
  if (!block.blocked)
    return (
      <Badge tone="ok" icon={Check}>
        Not blocked
      </Badge>
    )
  return (
    <span className="flex flex-col items-start gap-1">
      <Badge tone="bad" icon={Ban}>
        Blocked
      </Badge>
      {block.by && <span className="max-w-full break-words text-fg-2">by {block.by}</span>}
      {block.message && <span className="max-w-full break-words text-fg-2">"{block.message}"</span>}
    </span>
  )
}

function Tools({ standing: { access_id, tools } }: { standing: Standing }) {
  const { data } = useQuery({ ...snapshotQuery(access_id ?? ""), enabled: access_id !== null })
  if (!access_id) return null
  return (
    <div className="flex flex-col gap-1.5">
      <p className="text-fg-3">
        {tools ? `${count(tools.offered)} tools offered, ${count(tools.removed)} removed` : "Tools allowed"}
      </p>
      {data && <Chips items={toolChips(data.tools, true)} />}
    </div>
  )
}

function Untold() {
  return <span className="text-fg-3">not checked yet</span>
}
