/** The difference of two texts, word by word or line by line. */

export interface Piece {
  kind: "same" | "removed" | "added"
  text: string
}

const most_cells = 4_000_000

/** A word and the space behind it; the name of a hidden character is a word of its own. */
const word = /\[U\+[0-9A-F]{4,6}[^\]]*\]\s*|\s*(?:(?!\[U\+[0-9A-F]{4})\S)+\s*|\S+\s*|\s+/g

export function wordDiff(before: string, after: string): Piece[] {
  return diff(before.match(word) ?? [], after.match(word) ?? [])
}

/** Lines, each a piece of its own. */
export function lineDiff(before: string, after: string): Piece[] {
  return diff(linesOf(before), linesOf(after))
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.split("\n")
}

function diff(before: string[], after: string[]): Piece[] {
  if (before.length * after.length > most_cells)
    return [...pieces("removed", before), ...pieces("added", after)]
  const common = lengths(before, after)
  const found: Piece[] = []
  let i = 0
  let j = 0
  while (i < before.length && j < after.length) {
    if (before[i] === after[j]) {
      found.push({ kind: "same", text: before[i] ?? "" })
      i += 1
      j += 1
    } else if (at(common, i + 1, j) >= at(common, i, j + 1)) {
      found.push({ kind: "removed", text: before[i] ?? "" })
      i += 1
    } else {
      found.push({ kind: "added", text: after[j] ?? "" })
      j += 1
    }
  }
  return [...found, ...pieces("removed", before.slice(i)), ...pieces("added", after.slice(j))]
}

/** The length of the longest common subsequence from each pair of places on. */
function lengths(before: string[], after: string[]): Uint32Array[] {
  const rows = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1))
  for (let i = before.length - 1; i >= 0; i -= 1)
    for (let j = after.length - 1; j >= 0; j -= 1) {
      const row = rows[i] as Uint32Array
      row[j] =
        before[i] === after[j] ? at(rows, i + 1, j + 1) + 1 : Math.max(at(rows, i + 1, j), at(rows, i, j + 1))
    }
  return rows
}

function at(rows: Uint32Array[], i: number, j: number): number {
  return rows[i]?.[j] ?? 0
}

function pieces(kind: Piece["kind"], texts: string[]): Piece[] {
  return texts.map((text) => ({ kind, text }))
}
