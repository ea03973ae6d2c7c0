/** How a worker tells what it compared: steps by their seq, for whoever asked has them. */
import type { Step } from "../steps"
import type { ComparedPair } from "./differences"

export interface ToldPair extends Omit<ComparedPair, "a" | "b"> {
  a: number | null
  b: number | null
}

export function told(pairs: readonly ComparedPair[]): ToldPair[] {
  return pairs.map(({ a, b, ...rest }) => ({ ...rest, a: a?.seq ?? null, b: b?.seq ?? null }))
}

export function heard(pairs: readonly ToldPair[], a: readonly Step[], b: readonly Step[]): ComparedPair[] {
  const [in_a, in_b] = [bySeq(a), bySeq(b)]
  const stepOf = (steps: ReadonlyMap<number, Step>, seq: number | null) =>
    seq === null ? null : (steps.get(seq) ?? null)
  return pairs.map((pair) => ({ ...pair, a: stepOf(in_a, pair.a), b: stepOf(in_b, pair.b) }))
}

function bySeq(steps: readonly Step[]): ReadonlyMap<number, Step> {
  return new Map(steps.map((step) => [step.seq, step]))
}
