/** The figures of today; each leads to the flows behind it. */
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { useCredits } from "@/api/credits"
import type { Overview } from "@/api/shapes"
import { count, plural, usd } from "@/lib/format"
import { Tile } from "@/ui/tile"
import { changeOf } from "./change"

const tile_style = "h-full transition-colors group-hover:border-border-strong"

export function Tiles({ overview }: { overview: Overview }) {
  const hours = overview.flows_per_hour.map((hour) => hour.count)
  const failed = overview.flows_per_hour.map((hour) => hour.failed)
  const used = overview.flows_today > 0
  const today = { since: overview.day_starts_at }
  return (
    <ul className="grid grid-cols-2 gap-3 lg:grid-cols-5">
      <Behind flows={today} className="max-lg:col-span-2">
        <Cost overview={overview} />
      </Behind>
      <Behind>
        <Tile
          label="Active people"
          figure={count(overview.active_count)}
          note={overview.active_count === 0 ? "Nobody is connected" : "connected or seen just now"}
          className={tile_style}
        />
      </Behind>
      <Behind flows={today}>
        <Tile
          label="Flows today"
          figure={used ? count(overview.flows_today) : null}
          course={used ? hours : undefined}
          empty="None yet. The first question in chat makes one."
          className={tile_style}
        />
      </Behind>
      <Behind flows={{ ...today, status: "denied,blocked" }}>
        <Tile
          label="Denied today"
          figure={count(overview.denied_today)}
          note={overview.denied_today === 0 ? "Nothing was refused" : "by a rule, a block or a budget"}
          className={tile_style}
        />
      </Behind>
      <Behind flows={{ ...today, status: "failed,unknown" }}>
        <Tile
          label="Errors today"
          figure={count(overview.errors_today)}
          course={overview.errors_today > 0 ? failed : undefined}
          note={overview.errors_today === 0 ? "Nothing failed" : undefined}
          className={tile_style}
        />
      </Behind>
    </ul>
  )
}

function Cost({ overview }: { overview: Overview }) {
  const credits = useCredits()
  const { cost_today_micros, cost_yesterday_micros, budget_today_micros, unpriced_calls_today } = overview
  const change = changeOf(cost_today_micros, cost_yesterday_micros)
  const days = overview.cost_by_day.map((day) => day.micros)
  const notes = [`${credits(cost_today_micros)} credits`]
  if (budget_today_micros !== null) notes.push(`of ${credits(budget_today_micros)}`)
  if (unpriced_calls_today > 0) notes.push(`and ${plural(unpriced_calls_today, "unpriced call")}`)
  return (
    <Tile
      label="Cost today"
      figure={usd(cost_today_micros)}
      change={change ?? undefined}
      course={days.some((micros) => micros > 0) ? days : undefined}
      note={notes.join(" ")}
      className={tile_style}
    />
  )
}

interface BehindProps {
  /** What narrows the flows behind the figure; the page of people without it. */
  flows?: { status?: string; since: string }
  className?: string
  children: ReactNode
}

function Behind({ flows, className, children }: BehindProps) {
  const style = "group block h-full rounded"
  return (
    <li className={className}>
      {flows ? (
        <Link to="/admin/flows" search={flows} className={style}>
          {children}
        </Link>
      ) : (
        <Link to="/admin/people" className={style}>
          {children}
        </Link>
      )}
    </li>
  )
}
