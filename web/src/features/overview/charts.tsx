/** Flows by the hour and cost by the day. */
import { Link } from "@tanstack/react-router"
import type { Overview } from "@/api/shapes"
import { compact, plural, usd } from "@/lib/format"
import { clock } from "@/lib/time"
import { BarChart } from "@/ui/bar-chart"
import { buttonStyle } from "@/ui/button"
import { Card } from "@/ui/card"
import { EmptyState } from "@/ui/states"

export function FlowsPerHour({ hours }: { hours: Overview["flows_per_hour"] }) {
  const any = hours.some((hour) => hour.count > 0)
  return (
    <Card title="Flows by the hour" words="Last 24 hours; those that failed in red.">
      {any ? (
        <BarChart
          label="Flows by the hour"
          bars={hours.map((hour) => ({
            key: hour.hour,
            label: clock(new Date(hour.hour)),
            value: hour.count,
            part: hour.failed,
          }))}
          figure={({ value, part = 0 }) =>
            part > 0 ? `${plural(value, "flow")}, ${part} failed` : plural(value, "flow")
          }
          axis={wholeOnly}
          every={6}
        />
      ) : (
        <EmptyState title="No flow in 24 hours" words="Ask something in chat, or call a tool through MCP.">
          <Link to="/chat" className={buttonStyle({ variant: "secondary" })}>
            Open chat
          </Link>
        </EmptyState>
      )}
    </Card>
  )
}

export function CostByDay({ days }: { days: Overview["cost_by_day"] }) {
  const any = days.some((day) => day.micros > 0)
  return (
    <Card title="Cost by the day" words="Last 14 days, in USD.">
      {any ? (
        <BarChart
          label="Cost by the day"
          bars={days.map(({ day, micros }) => ({ key: day, label: dayWords(day), value: micros }))}
          figure={({ value }) => usd(value)}
          axis={(micros) => (micros / 1_000_000).toLocaleString("en-US", { maximumFractionDigits: 6 })}
          tone="text-series-2"
          every={3}
        />
      ) : (
        <EmptyState
          title="Nothing was spent in 14 days"
          words="Costs appear with the first answer of a model that has a price."
        >
          <Link to="/admin/models" className={buttonStyle({ variant: "secondary" })}>
            See models
          </Link>
        </EmptyState>
      )}
    </Card>
  )
}

function wholeOnly(value: number): string {
  return Number.isInteger(value) ? compact(value) : ""
}

/** The day is the organisation's; its date is read from the text, so that no zone moves it. */
function dayWords(day: string): string {
  return new Date(`${day.slice(0, 10)}T12:00:00`).toLocaleDateString("en-GB", {
    day: "numeric",
    month: "short",
  })
}
