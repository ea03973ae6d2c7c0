/** The line that one scrubs on: a segment a step, marks for what is not well, pauses short. */
import { CircleX, Hand, OctagonX, ShieldX } from "lucide-react"
import { type CSSProperties, memo, type PointerEvent, useRef } from "react"
import { useStore } from "zustand"
import { duration } from "@/lib/time"
import type { LucideIcon } from "@/ui/icon"
import { Icon } from "@/ui/icon"
import { Tooltip } from "@/ui/tooltip"
import { kindOf } from "../kinds"
import { nameOf } from "../step-name"
import { idlePieces, momentAt, shownAt } from "../time-map"
import { sought } from "./clock"
import type { MarkTone, Score } from "./score"
import type { Player } from "./store"

/** More steps than this are drawn as columns. */
const segments_up_to = 400
const marks_up_to = 80

export const tones: Record<MarkTone, { icon: LucideIcon; words: string; hue: string }> = {
  error: { icon: CircleX, words: "Error", hue: "var(--bad)" },
  denial: { icon: ShieldX, words: "Denied", hue: "var(--bad)" },
  block: { icon: OctagonX, words: "Blocked", hue: "var(--bad)" },
  approval: { icon: Hand, words: "Approval", hue: "var(--kind-approval)" },
}

export function Scrubber({ player }: { player: Player }) {
  const { score, clock, drag, act } = player
  const at_ms = useStore(clock, (state) => state.at_ms)
  const line = useRef<HTMLDivElement>(null)
  const seek = (event: PointerEvent, how: typeof act) => {
    const box = line.current?.getBoundingClientRect()
    if (!box || box.width === 0) return
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width))
    how((state, whole) => sought(state, whole, momentAt(whole.map, share * whole.map.shown_ms)))
  }
  const from_start_ms = at_ms - score.map.start_ms
  return (
    <div
      ref={line}
      role="slider"
      tabIndex={0}
      aria-label="Playhead"
      aria-valuemin={0}
      aria-valuemax={Math.round(score.map.end_ms - score.map.start_ms)}
      aria-valuenow={Math.round(from_start_ms)}
      aria-valuetext={`${duration(from_start_ms)} after the start`}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        seek(event, drag)
      }}
      onPointerMove={(event) => event.buttons === 1 && seek(event, drag)}
      onPointerUp={(event) => seek(event, act)}
      className="relative h-9 cursor-pointer touch-none select-none"
    >
      <Segments score={score} />
      <Marks player={player} />
      <span
        style={{ left: share(score, at_ms) }}
        className="-translate-x-1/2 pointer-events-none absolute inset-y-0 w-0.5 rounded-full bg-fg after:absolute after:top-3 after:-left-[5px] after:size-3 after:rounded-full after:bg-fg"
      />
    </div>
  )
}

const Segments = memo(function Segments({ score }: { score: Score }) {
  const many = score.segments.length > segments_up_to
  const drawn = many ? thinned(score) : score.segments
  return (
    <div className="absolute inset-x-0 top-3.5 h-2.5 overflow-hidden rounded-full bg-sunken ring-1 ring-border ring-inset">
      {drawn.map((segment) => (
        <span
          key={`${segment.flow_id} ${segment.step.seq}`}
          title={nameOf(segment.step)}
          style={
            {
              "--hue": kindOf(segment.step.kind).hue,
              left: share(score, segment.start_ms),
              width: `calc(${share(score, segment.end_ms)} - ${share(score, segment.start_ms)})`,
            } as CSSProperties
          }
          className="hue-fill absolute inset-y-0 min-w-0.5 opacity-75"
        />
      ))}
      {idlePieces(score.map).map((piece) => (
        <span
          key={piece.from_ms}
          title={`pause of ${duration(piece.to_ms - piece.from_ms)}`}
          style={{
            left: share(score, piece.from_ms),
            width: `calc(${share(score, piece.to_ms)} - ${share(score, piece.from_ms)})`,
          }}
          className="idle-hatch absolute inset-y-0 bg-surface"
        />
      ))}
    </div>
  )
})

const Marks = memo(function Marks({ player: { score, act } }: { player: Player }) {
  const every = Math.ceil(score.marks.length / marks_up_to)
  return score.marks
    .filter((_, i) => i % every === 0)
    .map(({ at_ms, tone, moment }) => {
      const { icon, words, hue } = tones[tone]
      const name = `${words}, step ${moment.checkpoint.seq}`
      return (
        <Tooltip key={`${moment.flow.flow_id} ${moment.checkpoint.seq}`} words={name}>
          <button
            type="button"
            aria-label={name}
            onPointerDown={(event) => event.stopPropagation()}
            onPointerUp={(event) => event.stopPropagation()}
            onClick={() => act((state, whole) => sought(state, whole, at_ms))}
            style={{ left: share(score, at_ms), color: hue }}
            className="-translate-x-1/2 -top-0.5 absolute grid size-4 place-items-center rounded-full bg-raised"
          >
            <Icon of={icon} size={12} />
          </button>
        </Tooltip>
      )
    })
})

function thinned({ segments }: Score) {
  const every = Math.ceil(segments.length / segments_up_to)
  return segments.filter((_, i) => i % every === 0)
}

function share({ map }: Score, at_ms: number): string {
  return `${(shownAt(map, at_ms) / map.shown_ms) * 100}%`
}
