/** JSON as lines that fold: paths, matches and summaries, without React. */
import { unturned } from "@/lib/format"

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

export interface Entry {
  key: string
  path: string
  value: Json
}

export function isBranch(value: Json): value is Json[] | { [key: string]: Json } {
  return typeof value === "object" && value !== null
}

export function entriesOf(value: Json[] | { [key: string]: Json }, path: string): Entry[] {
  if (Array.isArray(value))
    return value.map((item, i) => ({ key: String(i), path: `${path}[${i}]`, value: item }))
  return Object.entries(value).map(([key, item]) => ({ key, path: joined(path, key), value: item }))
}

/** "{ 3 keys }", "[ 12 items ]" */
export function summary(value: Json[] | { [key: string]: Json }): string {
  const n = Array.isArray(value) ? value.length : Object.keys(value).length
  if (Array.isArray(value)) return n === 1 ? "1 item" : `${n} items`
  return n === 1 ? "1 key" : `${n} keys`
}

/** The paths of all branches that lead to something which contains `text` (in a key or a leaf). */
export function pathsTo(text: string, value: Json, path = "$"): Set<string> {
  const found = new Set<string>()
  const needle = text.toLowerCase()
  const visit = (node: Json, at: string): boolean => {
    if (!isBranch(node)) return leafText(node).toLowerCase().includes(needle)
    let hit = false
    for (const entry of entriesOf(node, at)) {
      const in_key = !Array.isArray(node) && entry.key.toLowerCase().includes(needle)
      if (visit(entry.value, entry.path) || in_key) hit = true
    }
    if (hit) found.add(at)
    return hit
  }
  if (needle) visit(value, path)
  return found
}

export function leafText(value: Json): string {
  return typeof value === "string" ? unturned(JSON.stringify(value)) : String(value)
}

/** What a text holds when it is JSON with structure; else undefined. */
export function parsed(text: string): Json | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

function joined(path: string, key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`
}
