/** The bar of a player: play, step, next error, speed, time, scrubber, share; its keys work on the whole page. */
import { ChevronFirst, ChevronLast, Pause, Play, Share2, TriangleAlert, X } from "lucide-react"
import type { ReactNode } from "react"
import { useStore } from "zustand"
import { duration } from "@/lib/time"
import { IconButton } from "@/ui/button"
import { Switch } from "@/ui/choice"
import { useCopy } from "@/ui/copy"
import { Select } from "@/ui/select"
import { useShortcuts } from "@/ui/shortcuts"
import { Time } from "@/ui/time"
import { type Clock, faster, nextProblem, nudged, sought, speeds, stepped, toggled } from "./clock"
import type { Score } from "./score"
import { Scrubber } from "./scrubber"
import { type Player, playheadOf } from "./store"

const nudge_share = 0.02

interface PlayerBarProps {
  player: Player
  onClose: () => void
  /** Behind the controls. */
  children?: ReactNode
}

export function PlayerBar({ player, onClose, children }: PlayerBarProps) {
  usePlayerKeys(player)
  return (
    <section
      aria-label="Player"
      className="-mb-4 sm:-mb-5 sticky bottom-0 z-20 mt-auto rounded-t border border-b-0 bg-raised px-3 pt-1 pb-2 shadow-float"
    >
      <Scrubber player={player} />
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Controls player={player} />
        <Elapsed player={player} />
        <span className="ml-auto flex flex-wrap items-center gap-x-3 gap-y-1">
          {children}
          <Pace player={player} />
          <ShareButton player={player} />
          <IconButton icon={X} label="Close the player" size="sm" onClick={onClose} />
        </span>
      </div>
    </section>
  )
}

function Controls({ player: { clock, score, act } }: { player: Player }) {
  const playing = useStore(clock, (state) => state.playing)
  const any = score.marks.some(({ tone }) => tone !== "approval")
  return (
    <span className="flex items-center gap-0.5">
      <IconButton
        icon={ChevronFirst}
        label="Step back"
        shortcut="Shift+Left"
        onClick={() => act((state, whole) => stepped(state, whole, -1))}
      />
      <IconButton
        icon={playing ? Pause : Play}
        label={playing ? "Pause" : "Play"}
        shortcut="Space"
        onClick={() => act(toggled)}
      />
      <IconButton
        icon={ChevronLast}
        label="Next step"
        shortcut="Shift+Right"
        onClick={() => act((state, whole) => stepped(state, whole, 1))}
      />
      <IconButton
        icon={TriangleAlert}
        label="Next error"
        shortcut="E"
        disabled={!any}
        onClick={() => act(toProblem)}
      />
    </span>
  )
}

function Elapsed({ player: { clock, score } }: { player: Player }) {
  const at_ms = useStore(clock, (state) => state.at_ms)
  const { start_ms, end_ms } = score.map
  return (
    <span className="tabular flex items-center gap-3 text-xs">
      <span>
        <span className="inline-block min-w-14 text-right">
          {at_ms === start_ms ? "0" : duration(at_ms - start_ms)}
        </span>
        <span className="text-fg-3"> of {duration(end_ms - start_ms)}</span>
      </span>
      {start_ms > 1e11 && <Time at={new Date(at_ms).toISOString()} className="text-fg-3 max-sm:hidden" />}
    </span>
  )
}

function Pace({ player: { clock, act } }: { player: Player }) {
  const speed = useStore(clock, (state) => state.speed)
  const skips_idle = useStore(clock, (state) => state.skips_idle)
  return (
    <>
      <Switch
        label="Skip pauses"
        checked={skips_idle}
        onChecked={(on) => act((state) => ({ ...state, skips_idle: on }))}
      />
      <Select
        label="Speed"
        value={String(speed)}
        onValue={(next) => act((state) => ({ ...state, speed: Number(next) }))}
        options={speeds.map((each) => ({ value: String(each), label: `${each}\u00d7` }))}
        className="h-7 w-20"
      />
    </>
  )
}

function ShareButton({ player: { clock, score, act } }: { player: Player }) {
  const { copied, copy } = useCopy()
  const share = () => {
    act((state) => ({ ...state, playing: false }))
    const url = new URL(location.href)
    url.searchParams.set("t", String(playheadOf(clock.getState().at_ms, score)))
    return copy(url.href)
  }
  const label = copied ? "Link copied" : "Copy a link to this moment"
  return <IconButton icon={Share2} label={label} size="sm" onClick={() => void share()} />
}

function toProblem(state: Clock, score: Score): Clock {
  const problem = nextProblem(state, score)
  return problem ? sought(state, score, problem.at_ms) : state
}

function usePlayerKeys({ act, score }: Player) {
  const nudge = (by: 1 | -1) => (event: KeyboardEvent) =>
    act((state, whole) =>
      event.shiftKey
        ? stepped(state, whole, by)
        : nudged(state, whole, by * nudge_share * score.map.shown_ms),
    )
  useShortcuts(
    {
      " ": () => act(toggled),
      ArrowLeft: nudge(-1),
      ArrowRight: nudge(1),
      e: () => act(toProblem),
      "[": () => act((state) => faster(state, -1)),
      "]": () => act((state) => faster(state, 1)),
    },
    true,
  )
}
