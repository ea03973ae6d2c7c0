/** Aligns the steps of two flows by kind, server, tool and order: the longest common subsequence. */
import type { Step } from "../steps"

export interface Pair {
  a: Step | null
  b: Step | null
}

/** More steps of a side than this are not compared: the table of the comparison stays below 36 MB. */
export const most_steps = 6_000

export function aligned(all_a: readonly Step[], all_b: readonly Step[]): Pair[] {
  const [a, b] = [all_a.slice(0, most_steps), all_b.slice(0, most_steps)]
  const [keys_a, keys_b] = numbered(a, b)
  let head = 0
  while (head < a.length && head < b.length && keys_a[head] === keys_b[head]) head += 1
  let tail = 0
  const most_tail = Math.min(a.length, b.length) - head
  while (tail < most_tail && keys_a[a.length - 1 - tail] === keys_b[b.length - 1 - tail]) tail += 1
  const middle = common(keys_a.subarray(head, a.length - tail), keys_b.subarray(head, b.length - tail)).map(
    ([x, y]): [number | null, number | null] => [x === null ? null : x + head, y === null ? null : y + head],
  )
  const same = (n: number, from_a: number, from_b: number): [number, number][] =>
    Array.from({ length: n }, (_, i) => [from_a + i, from_b + i])
  return [...same(head, 0, 0), ...middle, ...same(tail, a.length - tail, b.length - tail)].map(([x, y]) => ({
    a: x === null ? null : (a[x] ?? null),
    b: y === null ? null : (b[y] ?? null),
  }))
}

/** What two steps must share to be the same step of two flows. */
export function keyOf({ kind, first: { data } }: Step): string {
  if (data.kind === "tool_call" || data.kind === "tool_result")
    return `call ${data.target} ${data.server} ${data.tool}`
  if (data.kind === "upstream_request") return `asked ${data.server} ${data.method}`
  if (data.kind === "security_check") return `security ${data.detector}`
  return kind.startsWith("llm_") ? "model" : kind
}

/** Keys as small numbers: comparing them is the inner loop. */
function numbered(a: readonly Step[], b: readonly Step[]): [Int32Array, Int32Array] {
  const numbers = new Map<string, number>()
  const numberOf = (step: Step) => {
    const key = keyOf(step)
    const known = numbers.get(key) ?? numbers.size
    numbers.set(key, known)
    return known
  }
  return [Int32Array.from(a, numberOf), Int32Array.from(b, numberOf)]
}

const both = 1
const only_a = 2
const only_b = 3

/** Indexes in order; a null says that the other side has nothing there. Removed ones come before added ones. */
function common(a: Int32Array, b: Int32Array): [number | null, number | null][] {
  const ways = waysThrough(a, b)
  const found: [number | null, number | null][] = []
  let [x, y] = [0, 0]
  while (x < a.length || y < b.length) {
    const way = y >= b.length ? only_a : x >= a.length ? only_b : ways[x * b.length + y]
    found.push([way === only_b ? null : x, way === only_a ? null : y])
    if (way !== only_b) x += 1
    if (way !== only_a) y += 1
  }
  return found
}

/** For each pair of places which way leads on to the longest common rest. */
function waysThrough(a: Int32Array, b: Int32Array): Uint8Array {
  const ways = new Uint8Array(a.length * b.length)
  let below = new Uint16Array(b.length + 1)
  let row = new Uint16Array(b.length + 1)
  for (let x = a.length - 1; x >= 0; x -= 1) {
    for (let y = b.length - 1; y >= 0; y -= 1) {
      const down = below[y] as number
      const right = row[y + 1] as number
      const meets = a[x] === b[y]
      row[y] = meets ? (below[y + 1] as number) + 1 : Math.max(down, right)
      ways[x * b.length + y] = meets ? both : down >= right ? only_a : only_b
    }
    const spare = below
    below = row
    row = spare
  }
  return ways
}
