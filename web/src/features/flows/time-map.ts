/** Time as it is shown: stretches in which nothing happens are made short, and say how long they were. */

export interface Span {
  start_ms: number
  end_ms: number
}

/** A stretch of time: where it lies, and where it is shown (both in ms; an idle one is shown shorter). */
export interface Piece {
  from_ms: number
  to_ms: number
  shown_from_ms: number
  shown_to_ms: number
  idle: boolean
}

export interface TimeMap {
  start_ms: number
  end_ms: number
  /** How long it is as shown. */
  shown_ms: number
  pieces: readonly Piece[]
}

/** Longer pauses than this are compressed. */
export const idle_from_ms = 5_000

/** `idle_as_ms` is how long a pause is shown: a number, or a share of all that is not a pause. */
export function timeMap(spans: readonly Span[], idle_as_ms: number | null = null): TimeMap {
  const busy = merged(spans)
  const first = busy[0]
  const last = busy.at(-1)
  if (!first || !last) return { start_ms: 0, end_ms: 0, shown_ms: 1, pieces: [] }
  const busy_ms = busy.reduce((sum, span) => sum + span.end_ms - span.start_ms, 0)
  const idle_ms = idle_as_ms ?? Math.min(idle_from_ms, Math.max(40, busy_ms * 0.05))
  const pieces: Piece[] = []
  let shown = 0
  const push = (from_ms: number, to_ms: number, idle: boolean) => {
    const to = shown + (idle ? idle_ms : to_ms - from_ms)
    pieces.push({ from_ms, to_ms, shown_from_ms: shown, shown_to_ms: to, idle })
    shown = to
  }
  busy.forEach((span, i) => {
    const before = busy[i - 1]
    if (before) push(before.end_ms, span.start_ms, true)
    push(span.start_ms, span.end_ms, false)
  })
  return { start_ms: first.start_ms, end_ms: last.end_ms, shown_ms: shown || 1, pieces }
}

/** Where a moment is shown, in ms from the beginning as shown. */
export function shownAt({ pieces, start_ms }: TimeMap, at_ms: number): number {
  const piece = pieceWhere(pieces, (one) => at_ms <= one.to_ms)
  if (!piece || at_ms <= start_ms) return 0
  const share = (at_ms - piece.from_ms) / Math.max(1e-9, piece.to_ms - piece.from_ms)
  return piece.shown_from_ms + clamp(share) * (piece.shown_to_ms - piece.shown_from_ms)
}

/** The moment that is shown at this place. */
export function momentAt({ pieces, start_ms }: TimeMap, shown_ms: number): number {
  const piece = pieceWhere(pieces, (one) => shown_ms <= one.shown_to_ms)
  if (!piece || shown_ms <= 0) return start_ms
  const share = (shown_ms - piece.shown_from_ms) / Math.max(1e-9, piece.shown_to_ms - piece.shown_from_ms)
  return piece.from_ms + clamp(share) * (piece.to_ms - piece.from_ms)
}

export function idlePieces(map: TimeMap): Piece[] {
  return map.pieces.filter((piece) => piece.idle)
}

/** Spans that touch, or leave no long pause between them, as one. */
function merged(spans: readonly Span[]): Span[] {
  const found: Span[] = []
  for (const span of spans.toSorted((a, b) => a.start_ms - b.start_ms)) {
    const last = found.at(-1)
    if (last && span.start_ms - last.end_ms <= idle_from_ms)
      found[found.length - 1] = { ...last, end_ms: Math.max(last.end_ms, span.end_ms) }
    else found.push({ start_ms: span.start_ms, end_ms: Math.max(span.start_ms, span.end_ms) })
  }
  return found
}

/** The first piece that fits, by halving; the last one when none does. */
function pieceWhere(pieces: readonly Piece[], fits: (piece: Piece) => boolean): Piece | undefined {
  let low = 0
  let high = pieces.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    const piece = pieces[middle]
    if (piece && fits(piece)) high = middle
    else low = middle + 1
  }
  return pieces[low]
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share))
}
