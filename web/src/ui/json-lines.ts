/** Large JSON as lines: only what is open becomes one; a search names each match and what must open to see it. */
import { type Entry, entriesOf, isBranch, type Json, leafText } from "./json-model"

export interface JsonLine {
  key: string
  path: string
  depth: number
  value: Json
  /** Null for what cannot be opened. */
  open: boolean | null
}

export interface JsonMatch {
  path: string
  /** The paths of the branches above it. */
  above: readonly string[]
}

/** `isOpen` is asked for every branch that is reached. */
export function linesOf(root: Json, isOpen: (path: string, depth: number) => boolean): JsonLine[] {
  const lines: JsonLine[] = []
  const visit = (value: Json, path: string, depth: number) => {
    if (!isBranch(value)) return
    for (const entry of entriesOf(value, path)) {
      const branch = isBranch(entry.value) && Object.keys(entry.value).length > 0
      const open = branch ? isOpen(entry.path, depth) : null
      lines.push({ ...entry, depth, open })
      if (open) visit(entry.value, entry.path, depth + 1)
    }
  }
  if (isBranch(root)) visit(root, "$", 0)
  else lines.push({ key: "", path: "$", depth: 0, value: root, open: null })
  return lines
}

/** Every key and every value that contains `text`, in order, up to `most` of them. */
export function matchesIn(root: Json, text: string, most = 1_000): JsonMatch[] {
  const needle = text.toLowerCase()
  const found: JsonMatch[] = []
  const visit = (value: Json, path: string, above: readonly string[]) => {
    if (!isBranch(value)) return
    for (const entry of entriesOf(value, path)) {
      if (found.length >= most) return
      if (isMatch(entry, needle, !Array.isArray(value))) found.push({ path: entry.path, above })
      if (isBranch(entry.value)) visit(entry.value, entry.path, [...above, entry.path])
    }
  }
  if (needle) visit(root, "$", [])
  return found
}

function isMatch({ key, value }: Entry, needle: string, named: boolean): boolean {
  if (named && key.toLowerCase().includes(needle)) return true
  return !isBranch(value) && leafText(value).toLowerCase().includes(needle)
}
