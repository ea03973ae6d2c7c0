/** My usage: credits left, what each day took, and what for. */
import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { ReceiptText } from "lucide-react"
import { useMe } from "@/api/me"
import { errorState } from "@/api/pages"
import type { OwnUsage } from "@/api/types"
import { compact, credits, plural } from "@/lib/format"
import { BarChart } from "@/ui/bar-chart"
import { buttonStyle } from "@/ui/button"
import { Card } from "@/ui/card"
import { Page } from "@/ui/page"
import { EmptyState, ErrorState, Skeleton } from "@/ui/states"
import { type Column, DataTable } from "@/ui/table"
import { Tile } from "@/ui/tile"
import { Time } from "@/ui/time"
import { ownUsageQuery } from "./queries"

type Line = OwnUsage["lines"][number]

export function UsagePage() {
  const query = useQuery(ownUsageQuery)
  const error = errorState(query)
  return (
    <Page
      title="My usage"
      words="Credits that your questions and tool calls took, in chat and through MCP alike."
    >
      <Tiles usage={query.data} />
      {query.data ? (
        <ByDay days={query.data.by_day} />
      ) : error ? (
        <ErrorState {...error} />
      ) : (
        <Skeleton className="h-52 rounded" />
      )}
      <Lines usage={query.data} />
    </Page>
  )
}

function Tiles({ usage }: { usage: OwnUsage | undefined }) {
  const { remaining_micros, limit_micros, resets_at, credit_micros, time_zone } = useMe()
  const today = usage?.by_day.at(-1)?.micros
  const spent = usage?.by_day.reduce((sum, day) => sum + day.micros, 0)
  const figure = (micros: number | undefined) =>
    micros === undefined ? undefined : credits(micros, credit_micros)
  return (
    <div className="grid grid-cols-1 gap-3 sm:grid-cols-3">
      <Tile
        label="Left today"
        figure={remaining_micros === null ? null : credits(remaining_micros, credit_micros)}
        unit={limit_micros === null ? undefined : `of ${credits(limit_micros, credit_micros)}`}
        empty="No limit applies to you."
        note={
          resets_at && (
            <>
              Full again <Time at={resets_at} />, days of {time_zone}
            </>
          )
        }
      />
      <Tile label="Taken today" figure={figure(today)} unit="credits" className="min-h-0" />
      <Tile label="Taken in 30 days" figure={figure(spent)} unit="credits" className="min-h-0" />
    </div>
  )
}

function ByDay({ days }: { days: OwnUsage["by_day"] }) {
  const { credit_micros } = useMe()
  return (
    <Card title="Credits by the day" words="The last 30 days.">
      {days.some((day) => day.micros > 0) ? (
        <BarChart
          label="Credits by the day"
          bars={days.map(({ day, micros }) => ({ key: day, label: dayWords(day), value: micros }))}
          figure={({ value }) => `${credits(value, credit_micros)} credits`}
          axis={(micros) => credits(micros, credit_micros)}
          every={6}
        />
      ) : (
        <EmptyState
          icon={ReceiptText}
          title="Nothing was taken in 30 days"
          words="Credits are taken by answers of models and by tools that have a price."
        >
          <Link to="/chat" className={buttonStyle({ variant: "secondary" })}>
            Open chat
          </Link>
        </EmptyState>
      )}
    </Card>
  )
}

const columns: Column<Line>[] = [
  {
    key: "what",
    title: "For",
    cell: (line) => (
      <span className="truncate font-medium">
        {line.model ?? (line.server ? `Tools of ${line.server}` : "Other")}
      </span>
    ),
  },
  { key: "charges", title: "Charges", align: "right", width: "96px", cell: (line) => compact(line.charges) },
  {
    key: "tokens",
    title: "Tokens in, out",
    align: "right",
    from: "sm",
    width: "150px",
    cell: (line) => `${compact(line.input_tokens)}, ${compact(line.output_tokens)}`,
  },
  {
    key: "credits",
    title: "Credits",
    align: "right",
    width: "110px",
    cell: (line) => <Charged line={line} />,
  },
]

function Lines({ usage }: { usage: OwnUsage | undefined }) {
  if (usage?.lines.length === 0) return null
  return (
    <Card title="What for" words="Models and priced tools, the dearest first." flush>
      <DataTable
        label="What for"
        rows={usage?.lines}
        columns={columns}
        rowKey={(line) => `${line.model} ${line.server}`}
        empty={null}
      />
    </Card>
  )
}

function Charged({ line }: { line: Line }) {
  const { credit_micros } = useMe()
  const note = line.unpriced > 0 ? `${plural(line.unpriced, "charge")} at the fallback price` : undefined
  return (
    <span title={note} className="tabular">
      {credits(line.micros, credit_micros)}
      {note && <span className="text-fg-3"> *</span>}
    </span>
  )
}

function dayWords(day: string): string {
  return new Date(`${day}T00:00:00Z`).toLocaleDateString("en-GB", {
    day: "numeric",
    month: "short",
    timeZone: "UTC",
  })
}
