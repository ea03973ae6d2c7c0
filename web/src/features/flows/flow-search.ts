/** What the URL of a flow holds: the chosen step, how the flow is shown, and where its player stands. */

export const flow_shapes = ["cards", "timeline", "graph", "json"] as const
export type FlowShape = (typeof flow_shapes)[number]

export interface FlowSearch {
  step?: number
  view?: FlowShape
  /** The playhead, in milliseconds from the beginning; without it nothing is played. */
  t?: number
  /** Of two flows: only what differs. */
  only?: boolean
}

export function flowSearch(search: Record<string, unknown>): FlowSearch {
  const found: FlowSearch = {}
  const step = wholeNumber(search.step)
  if (step !== null && step > 0) found.step = step
  const view = flow_shapes.find((shape) => shape === search.view)
  if (view && view !== "cards") found.view = view
  const t = playheadIn(search.t)
  if (t !== null) found.t = t
  if (search.only === true) found.only = true
  return found
}

/** Milliseconds, at most to the hundredth. */
export function playheadIn(given: unknown): number | null {
  const t = typeof given === "number" || (typeof given === "string" && given) ? Number(given) : Number.NaN
  return Number.isFinite(t) && t >= 0 ? t : null
}

function wholeNumber(given: unknown): number | null {
  const number = typeof given === "string" && given === "" ? Number.NaN : Number(given ?? Number.NaN)
  return Number.isInteger(number) ? number : null
}
