/** The query of a list as text: its parts, how facets change it, and what may come next while it is typed. */

export interface QueryPart {
  /** null for bare words. */
  key: string | null
  values: string[]
  negated: boolean
  start: number
  end: number
}

/** What may be typed at a place: a key, or a value of a key; `from` to `to` is what it replaces. */
export interface Expected {
  key: string | null
  typed: string
  from: number
  to: number
}

export interface KeyHelp {
  key: string
  words: string
  example: string
}

export const query_keys: readonly KeyHelp[] = [
  { key: "user", words: "Who asked, by name or e-mail", example: "user:ann@example.org" },
  { key: "status", words: "What came of it", example: "status:denied,failed" },
  { key: "server", words: "An MCP server, * for any letters", example: "server:wiki" },
  { key: "tool", words: "A tool, * for any letters", example: "tool:get_*" },
  { key: "text", words: "Words of titles, arguments and errors", example: 'text:"invoice 7"' },
  { key: "cost", words: "What it cost, in USD", example: "cost:>0.01" },
  { key: "duration", words: "How long it took: ms, s, m, h", example: "duration:>2s" },
  { key: "since", words: "Began at or after a date or a time ago", example: "since:7d" },
  { key: "until", words: "Began before", example: "until:yesterday" },
  { key: "source", words: "Through which door", example: "source:mcp" },
  { key: "model", words: "A model that answered", example: "model:gpt-*" },
  { key: "kind", words: "A kind of step that it has", example: "kind:approval" },
  { key: "error", words: "The code of an error", example: "error:timeout" },
  { key: "tokens", words: "Input and output tokens", example: "tokens:>10k" },
  { key: "steps", words: "How many steps", example: "steps:>20" },
  { key: "calls", words: "How many tool calls", example: "calls:>3" },
  { key: "conversation", words: "The id of a conversation", example: "conversation:" },
  { key: "flow", words: "The beginning of flow ids", example: "flow:" },
]

const part_pattern = /(-)?(?:([A-Za-z_]+):)?((?:"[^"]*(?:"|$)|[^\s"])*)/y

/** The parts as far as they can be read; what is wrong with a query is the server's to say. */
export function partsOf(text: string): QueryPart[] {
  const parts: QueryPart[] = []
  let at = 0
  while (at < text.length) {
    if (/\s/.test(text[at] ?? "")) {
      at += 1
      continue
    }
    part_pattern.lastIndex = at
    const [whole = "", minus, key, value = ""] = part_pattern.exec(text) ?? []
    const end = at + Math.max(whole.length, 1)
    parts.push({
      key: key?.toLowerCase() ?? null,
      values: valuesIn(value),
      negated: Boolean(minus),
      start: at,
      end,
    })
    at = end
  }
  return parts
}

/** The values that a key is narrowed to, turned parts aside. */
export function valuesOf(text: string, key: string): string[] {
  return partsOf(text)
    .filter((part) => part.key === key && !part.negated)
    .flatMap((part) => part.values)
}

/** The query narrowed to other values of a key; to any value without some. */
export function withValues(text: string, key: string, values: readonly string[]): string {
  const kept = partsOf(text)
    .filter((part) => part.key !== key || part.negated)
    .map((part) => text.slice(part.start, part.end))
  const part = values.length > 0 ? [`${key}:${values.map(quoted).join(",")}`] : []
  const words = kept.filter((one) => !one.includes(":"))
  return [...kept.filter((one) => one.includes(":")), ...part, ...words].join(" ")
}

/** The same query whatever the spaces. */
export function tidied(text: string): string {
  return partsOf(text)
    .map((part) => text.slice(part.start, part.end))
    .join(" ")
}

/** A value as it is written in a query. */
export function quoted(value: string): string {
  return /[\s",]/.test(value) ? `"${value.replaceAll('"', "")}"` : value
}

/** What the caret expects next. */
export function expectedAt(text: string, caret: number): Expected {
  const before = text.slice(0, caret)
  const part = partsOf(before).at(-1)
  if (!part || part.end < caret || /\s$/.test(before)) return { key: null, typed: "", from: caret, to: caret }
  const sign = part.negated ? 1 : 0
  if (part.key === null)
    return { key: null, typed: before.slice(part.start + sign), from: part.start + sign, to: caret }
  const value = part.start + sign + part.key.length + 1
  const from = Math.max(value, before.lastIndexOf(",") + 1)
  return { key: part.key, typed: before.slice(from).replaceAll('"', ""), from, to: caret }
}

/** The query and the caret once something offered is taken; a key waits for its value, a value is complete. */
export function taken(text: string, expected: Expected, choice: string): { text: string; caret: number } {
  const words = expected.key === null ? `${choice}:` : `${quoted(choice)} `
  const rest = text.slice(expected.to)
  const next = text.slice(0, expected.from) + words + (expected.key === null ? rest : rest.replace(/^\s/, ""))
  return { text: next, caret: expected.from + words.length }
}

/** Whether a query is whole enough to be asked while it is still being typed. */
export function isWhole(text: string): boolean {
  const quotes = text.split('"').length - 1
  const known = new Set(query_keys.map((one) => one.key))
  return (
    quotes % 2 === 0 &&
    partsOf(text).every((part) => part.key === null || (known.has(part.key) && part.values.some(Boolean)))
  )
}

function valuesIn(value: string): string[] {
  const found = value.match(/"[^"]*"?|[^",]+/g) ?? []
  return found.map((one) => one.replaceAll('"', "")).filter(Boolean)
}
