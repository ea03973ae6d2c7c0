/** One flow played back: the same views as ever, showing what had happened by the playhead. */
import { useMemo, useState } from "react"
import { useStore } from "zustand"
import type { Checkpoint, FlowRow } from "@/api/shapes"
import type { Json } from "@/ui/json-model"
import { JsonTree } from "@/ui/json-tree"
import { EmptyState } from "@/ui/states"
import { inOrder } from "../apply"
import { StepCards } from "../cards"
import type { FlowShape } from "../flow-search"
import { Graph } from "../graph-view"
import { type Step, scaleOf, stepsOf } from "../steps"
import { shownAt } from "../time-map"
import type { Waterfall, Zoom } from "../timeline"
import { Timeline } from "../timeline-view"
import { PlayerBar } from "./bar"
import { Inspector } from "./inspector"
import { type Played, playedTo, type Score, scoreOf } from "./score"
import { type Player, useMomentCount, usePlayer } from "./store"

interface PlayedFlowProps {
  flow: FlowRow
  checkpoints: readonly Checkpoint[]
  /** Those of the whole flow. */
  steps: readonly Step[]
  step: number | null
  onStep: (step: number | null) => void
  shape: FlowShape
  t_ms: number
  onT: (t_ms: number | null) => void
}

export function PlayedFlow({ flow, checkpoints, t_ms, onT, ...views }: PlayedFlowProps) {
  const score = useMemo(
    () => scoreOf([{ key: flow.flow_id, flows: [{ flow, checkpoints }], shift_ms: 0 }]),
    [flow, checkpoints],
  )
  const player = usePlayer(score, t_ms, onT)
  const n = useMomentCount(player)
  const state = usePlayed(score, n).state
  const now = inOrder(state)[0]
  return (
    <>
      <div className="grid min-w-0 items-start gap-4 lg:grid-cols-[minmax(0,1fr)_280px]">
        <div className="min-w-0">
          <PlayedShape {...views} now={now?.checkpoints ?? none} flow={now?.flow ?? flow} player={player} />
        </div>
        <div className="lg:sticky lg:top-4">
          <Inspector checkpoints={now?.checkpoints ?? none} />
        </div>
      </div>
      <PlayerBar player={player} onClose={() => onT(null)} />
    </>
  )
}

const none: readonly Checkpoint[] = []

/** The record after `n` moments, grown from what was shown before. */
export function usePlayed(score: Score, n: number): Played {
  const [last, setLast] = useState<{ score: Score; played: Played } | null>(null)
  if (last?.score === score && last.played.n === n) return last.played
  const played = playedTo(score, n, last?.score === score ? last.played : null)
  setLast({ score, played })
  return played
}

interface PlayedShapeProps {
  flow: FlowRow
  now: readonly Checkpoint[]
  steps: readonly Step[]
  step: number | null
  onStep: (step: number | null) => void
  shape: FlowShape
  player: Player
}

function PlayedShape({ flow, now, steps, step, onStep, shape, player }: PlayedShapeProps) {
  const so_far = useMemo(() => stepsOf(now, flow.status), [now, flow.status])
  const scale = useMemo(() => scaleOf(steps), [steps])
  switch (shape) {
    case "timeline":
      return (
        <Timeline
          steps={steps}
          selected={step}
          onSelect={onStep}
          over={(view, whole) => <Playhead player={player} view={view} whole={whole} />}
        />
      )
    case "graph":
      return <Graph steps={steps} selected={step} onSelect={onStep} reached={now.length} />
    case "json":
      return <JsonTree value={{ flow, checkpoints: now } as unknown as Json} label="flow as JSON" open={1} />
    default:
      return so_far.length > 0 ? (
        <StepCards steps={so_far} selected={step} follows scale={scale} />
      ) : (
        <EmptyState
          title="Nothing has happened yet"
          words="Press Space to play, or Shift and an arrow to step."
        />
      )
  }
}

/** What lies behind it has not happened yet. */
function Playhead({ player, view, whole }: { player: Player; view: Zoom; whole: Waterfall }) {
  const at = useStore(player.clock, (state) => shownAt(whole.map, state.at_ms))
  const share = ((at - view.from) / (view.to - view.from)) * 100
  return (
    <span
      style={{ left: `${share}%` }}
      className="absolute inset-y-0 z-10 w-full border-fg border-l-2 bg-surface/60"
    />
  )
}
