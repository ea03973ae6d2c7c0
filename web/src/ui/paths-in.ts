/** Finds the addresses of one site in a text. */

export interface Stretch {
  /** Where it begins. */
  at: number
  text: string
  /** The path that an address leads to; null for plain words. */
  path: string | null
}

export function pathsIn(words: string, origin: string): Stretch[] {
  const found: Stretch[] = []
  let at = 0
  for (const match of words.matchAll(/https?:\/\/[^\s"'<>]*[^\s"'<>.,;:!?)]/g)) {
    const text = match[0]
    if (text !== origin && !text.startsWith(`${origin}/`)) continue
    if (match.index > at) found.push({ at, text: words.slice(at, match.index), path: null })
    found.push({ at: match.index, text, path: text.slice(origin.length) || "/" })
    at = match.index + text.length
  }
  if (at < words.length) found.push({ at, text: words.slice(at), path: null })
  return found
}
