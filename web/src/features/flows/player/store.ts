/** The clock of one player, told apart from what it plays: it changes with every frame, its readers when they must. */
import { useState } from "react"
import { createStore, type StoreApi, useStore } from "zustand"
import { useFrames } from "@/ui/frames"
import { advanced, type Clock, clockAt } from "./clock"
import { momentsUntil, type Score } from "./score"

export interface Player {
  score: Score
  clock: StoreApi<Clock>
  /** What a hand does: the playhead of the URL follows it. */
  act: (change: (clock: Clock, score: Score) => Clock) => void
  /** While a hand still drags, the URL waits. */
  drag: (change: (clock: Clock, score: Score) => Clock) => void
}

/** `onRest` hears where the playhead stands whenever it comes to rest, in ms from the beginning. */
export function usePlayer(score: Score, t_ms: number, onRest: (t_ms: number) => void): Player {
  const [clock] = useState(() => createStore<Clock>(() => clockAt(score, t_ms)))
  const playing = useStore(clock, (state) => state.playing)
  const rest = () => {
    const { at_ms, playing: goes_on } = clock.getState()
    if (!goes_on) onRest(playheadOf(at_ms, score))
  }
  const drag = (change: (clock: Clock, score: Score) => Clock) =>
    clock.setState(change(clock.getState(), score), true)
  const act = (change: (clock: Clock, score: Score) => Clock) => {
    drag(change)
    rest()
  }
  useFrames(playing, (passed_ms) => {
    clock.setState(advanced(clock.getState(), score, passed_ms), true)
    rest()
  })
  return { score, clock, act, drag }
}

/** How many moments have happened: what is shown changes only with it. */
export function useMomentCount({ clock, score }: Player): number {
  return useStore(clock, (state) => momentsUntil(score, state.at_ms))
}

/** Where the playhead stands, in ms from the beginning, as the URL holds it: no moment before it is lost. */
export function playheadOf(at_ms: number, { map }: Score): number {
  return Math.ceil((at_ms - map.start_ms) * 100) / 100
}
