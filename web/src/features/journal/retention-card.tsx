/** How long content, flows and the journal are kept, when the next run is, and what it will remove. */
import { useQuery } from "@tanstack/react-query"
import { Pencil } from "lucide-react"
import { useState } from "react"
import { may, useMe } from "@/api/me"
import { errorState } from "@/api/pages"
import { type RetentionRule, retentionQuery } from "@/api/proof"
import { count } from "@/lib/format"
import { Button } from "@/ui/button"
import { Card } from "@/ui/card"
import { ErrorState, Skeleton } from "@/ui/states"
import { Time } from "@/ui/time"
import { KeepDialog } from "./retention-dialog"
import { subjects } from "./retention-words"

export function RetentionCard() {
  const query = useQuery(retentionQuery)
  const [asking, setAsking] = useState<RetentionRule | null>(null)
  const error = errorState(query)
  return (
    <Card title="Retention">
      {query.data ? (
        <ul className="divide-y">
          {query.data.items.map((rule) => (
            <Line key={rule.subject} rule={rule} onChange={() => setAsking(rule)} />
          ))}
        </ul>
      ) : error ? (
        <ErrorState {...error} />
      ) : (
        <Skeleton className="h-32" />
      )}
      {asking && <KeepDialog rule={asking} onClose={() => setAsking(null)} />}
    </Card>
  )
}

function Line({ rule, onChange }: { rule: RetentionRule; onChange: () => void }) {
  const me = useMe()
  const { title, words } = subjects[rule.subject]
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 py-2.5">
      <div className="min-w-0 flex-1 basis-64">
        <p className="font-medium">{title}</p>
        <p className="text-fg-2 text-sm">{words}</p>
      </div>
      <div className="min-w-0 flex-1 basis-64 text-sm">
        <p>{rule.days === null ? "Kept for ever" : `Kept for ${count(rule.days)} days`}</p>
        <Next rule={rule} />
        {rule.cut && <Cut cut={rule.cut} />}
      </div>
      {may(me, "record.manage") && (
        <Button size="sm" icon={Pencil} aria-label={`Change how long is kept: ${title}`} onClick={onChange}>
          Change
        </Button>
      )}
    </li>
  )
}

function Next({ rule }: { rule: RetentionRule }) {
  if (!rule.next_run_at) return <p className="text-fg-2">Nothing is removed.</p>
  return (
    <p className="text-fg-2">
      Next run <Time at={rule.next_run_at} />: {count(rule.due)} {subjects[rule.subject].many}.
      {rule.removing > 0 && ` A run is under way: ${count(rule.removing)} so far.`}
      {rule.ran_at && (
        <>
          {" Last run "}
          <Time at={rule.ran_at} />, {count(rule.removed ?? 0)} removed.
        </>
      )}
    </p>
  )
}

/** What of the chains went with the rows: a signed stump says so, and the rest is proven behind it. */
function Cut({ cut }: { cut: NonNullable<RetentionRule["cut"]> }) {
  return (
    <p className="text-fg-2">
      Behind a signed stump of <Time at={cut.at} />: {count(cut.rows)} rows, made up to{" "}
      <Time at={cut.up_to} />.
    </p>
  )
}
