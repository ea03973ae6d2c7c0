/** What is going on: what needs a person, the figures of today, servers, courses, people, activities. */
import { useQuery } from "@tanstack/react-query"
import { errorState } from "@/api/pages"
import type { Overview } from "@/api/shapes"
import { Page } from "@/ui/page"
import { ErrorState, Skeleton } from "@/ui/states"
import { Time } from "@/ui/time"
import { ActiveUsers } from "./active-users"
import { Activities } from "./activities"
import { Attention } from "./attention"
import { CostByDay, FlowsPerHour } from "./charts"
import { overviewQuery } from "./queries"
import { ServerStrip } from "./server-strip"
import { Tiles } from "./tiles"

export function OverviewPage() {
  const query = useQuery(overviewQuery)
  const error = errorState(query)
  return (
    <Page
      title="Overview"
      words={
        query.data ? (
          <>
            What is going on right now, as of <Time at={query.data.as_of} />.
            {error && <span className="text-bad"> It could not be read again: {error.words}</span>}
          </>
        ) : (
          "What is going on right now."
        )
      }
    >
      {query.data ? <Body overview={query.data} /> : error ? <ErrorState {...error} /> : <OverviewSkeleton />}
    </Page>
  )
}

function Body({ overview }: { overview: Overview }) {
  return (
    <>
      <Attention items={overview.attention} />
      <Tiles overview={overview} />
      <ServerStrip servers={overview.servers} />
      <div className="grid gap-4 lg:grid-cols-2">
        <FlowsPerHour hours={overview.flows_per_hour} />
        <CostByDay days={overview.cost_by_day} />
      </div>
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        <Activities />
        <ActiveUsers
          users={overview.active_users}
          count={overview.active_count}
          since={overview.day_starts_at}
        />
      </div>
    </>
  )
}

function OverviewSkeleton() {
  return (
    <div aria-busy="true" className="flex flex-col gap-4">
      <Skeleton className="h-10" />
      <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        {["a", "b", "c", "d"].map((tile) => (
          <Skeleton key={tile} className="h-27" />
        ))}
      </div>
      <Skeleton className="h-20" />
      <div className="grid gap-4 lg:grid-cols-2">
        <Skeleton className="h-56" />
        <Skeleton className="h-56" />
      </div>
      <Skeleton className="h-96" />
    </div>
  )
}
