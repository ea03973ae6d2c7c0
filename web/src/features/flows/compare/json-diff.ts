/** What differs between two JSON values, leaf by leaf, with the path of each. */
import { isBranch, type Json } from "@/ui/json-model"

export interface JsonChange {
  path: string
  /** Undefined where the side has nothing there. */
  a: Json | undefined
  b: Json | undefined
}

export function jsonDiff(a: Json | undefined, b: Json | undefined, most = 200): JsonChange[] {
  const found: JsonChange[] = []
  const visit = (left: Json | undefined, right: Json | undefined, path: string) => {
    if (found.length >= most || left === right) return
    if (!comparable(left, right)) {
      found.push({ path: path || "$", a: left, b: right })
      return
    }
    const named = left as { [key: string]: Json }
    const other = right as { [key: string]: Json }
    for (const key of new Set([...Object.keys(named), ...Object.keys(other)]))
      visit(named[key], other[key], childPath(path, key, Array.isArray(left)))
  }
  visit(a, b, "")
  return found
}

function comparable(a: Json | undefined, b: Json | undefined): boolean {
  return (
    a !== undefined && b !== undefined && isBranch(a) && isBranch(b) && Array.isArray(a) === Array.isArray(b)
  )
}

function childPath(path: string, key: string, in_list: boolean): string {
  if (in_list) return `${path}[${key}]`
  return path ? `${path}.${key}` : key
}
