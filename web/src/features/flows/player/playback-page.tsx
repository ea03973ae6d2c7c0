/** Several flows on one clock: a whole conversation, two people, or two runs from their beginnings. */
import { useQuery } from "@tanstack/react-query"
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router"
import { ArrowLeft, History } from "lucide-react"
import { useMemo } from "react"
import { errorState } from "@/api/pages"
import type { Checkpoint } from "@/api/shapes"
import { plural } from "@/lib/format"
import { VerdictChip } from "@/ui/badge"
import { cn } from "@/ui/cn"
import { Icon } from "@/ui/icon"
import { backStyle, Page } from "@/ui/page"
import { EmptyState, ErrorState, Skeleton } from "@/ui/states"
import { Time } from "@/ui/time"
import { type FlowState, inOrder } from "../apply"
import { StepCards } from "../cards"
import { stepsOf } from "../steps"
import { PlayerBar } from "./bar"
import { Inspector } from "./inspector"
import { type NamedTrack, type Playback, playbackQuery } from "./playback-data"
import { usePlayed } from "./played-flow"
import { scoreOf } from "./score"
import { useMomentCount, usePlayer } from "./store"

const route = getRouteApi("/shell/admin/playback")

export function PlaybackPage() {
  const search = route.useSearch()
  const query = useQuery(playbackQuery(search))
  const error = errorState(query)
  return (
    <Page
      title="Playback"
      words={query.data ? wordsOf(query.data) : "Flows on one clock, as they happened."}
      bar={
        <Link to="/admin/flows" className={backStyle}>
          <Icon of={ArrowLeft} size={14} />
          Flows
        </Link>
      }
    >
      {query.data ? (
        <Played playback={query.data} t_ms={search.t ?? 0} />
      ) : error ? (
        <ErrorState title="This cannot be played" {...error} />
      ) : (
        <Skeleton className="h-64" />
      )}
    </Page>
  )
}

function wordsOf({ tracks, more }: Playback): string {
  const n = tracks.reduce((sum, track) => sum + track.flows.length, 0)
  const beyond = more ? "; earlier ones are left out" : ""
  return `${plural(n, "flow")} on one clock, as they happened${beyond}.`
}

function Played({ playback: { tracks }, t_ms }: { playback: Playback; t_ms: number }) {
  const navigate = useNavigate({ from: "/admin/playback" })
  const score = useMemo(() => scoreOf(tracks), [tracks])
  const player = usePlayer(
    score,
    t_ms,
    (t) => void navigate({ search: (before) => ({ ...before, t }), replace: true }),
  )
  const { state } = usePlayed(score, useMomentCount(player))
  /** A link to a moment is often the first page of its tab. */
  const close = () => (history.length > 1 ? history.back() : void navigate({ to: "/admin/flows" }))
  if (score.moments.length === 0)
    return <EmptyState icon={History} title="Nothing to play" words="Nobody asked anything in this time." />
  const flows = inOrder(state)
  return (
    <>
      <div className={tracks.length > 1 ? "grid min-w-0 items-start gap-4 md:grid-cols-2" : "min-w-0"}>
        {tracks.map((track) => (
          <TrackView
            key={track.key}
            track={track}
            flows={ofTrack(flows, track)}
            alone={tracks.length === 1}
          />
        ))}
      </div>
      <PlayerBar player={player} onClose={close} />
    </>
  )
}

function ofTrack(flows: readonly FlowState[], track: NamedTrack): FlowState[] {
  const ids = new Set(track.flows.map(({ flow }) => flow.flow_id))
  return flows.filter(({ flow_id }) => ids.has(flow_id))
}

interface TrackViewProps {
  track: NamedTrack
  flows: readonly FlowState[]
  alone: boolean
}

/** The newest flow as cards, earlier ones as a line, how things stood beside or below. */
function TrackView({ track, flows, alone }: TrackViewProps) {
  const checkpoints = useMemo(() => inTime(flows), [flows])
  const newest = flows.at(-1)
  return (
    <section aria-label={track.title} className="flex min-w-0 flex-col gap-2">
      <h2 className="flex items-center justify-between gap-2 font-semibold text-sm">
        {track.title || "Nobody"}
        <span className="tabular font-normal text-fg-3 text-xs">
          {flows.length} of {plural(track.flows.length, "flow")}
        </span>
      </h2>
      <div
        className={alone ? "grid min-w-0 items-start gap-4 lg:grid-cols-[minmax(0,1fr)_280px]" : "contents"}
      >
        <div
          {...(alone ? {} : { "data-scroll": true })}
          className={cn(
            "flex min-w-0 flex-col gap-2",
            !alone && "max-h-[52vh] overflow-y-auto rounded border bg-bg p-2",
          )}
        >
          {flows.map((flow) => (
            <FlowLine key={flow.flow_id} state={flow} />
          ))}
          {newest ? (
            <Cards state={newest} />
          ) : (
            <p className="rounded border border-dashed px-3 py-6 text-center text-fg-3 text-xs">
              Nothing has happened yet.
            </p>
          )}
        </div>
        <div className="lg:sticky lg:top-4">
          <Inspector checkpoints={checkpoints} />
        </div>
      </div>
    </section>
  )
}

/** Flows of one person may run at once: what was told last holds. */
function inTime(flows: readonly FlowState[]): Checkpoint[] {
  const all = flows.flatMap((flow) => [...flow.checkpoints])
  return all.sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
}

function FlowLine({ state: { flow, flow_id } }: { state: FlowState }) {
  if (!flow) return null
  return (
    <div className="flex min-w-0 items-center gap-2 rounded border bg-surface px-3 py-1.5 text-xs">
      <VerdictChip verdict={flow.status} />
      <Link
        to="/admin/flows/$id"
        params={{ id: flow_id }}
        className="min-w-0 flex-1 truncate hover:underline"
      >
        {flow.title}
      </Link>
      <Time at={flow.started_at} className="text-fg-3" />
    </div>
  )
}

function Cards({ state: { checkpoints, flow } }: { state: FlowState }) {
  const steps = useMemo(() => stepsOf(checkpoints, flow?.status ?? "running"), [checkpoints, flow?.status])
  return <StepCards steps={steps} selected={null} follows />
}
