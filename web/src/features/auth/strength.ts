/** A hint about a password: length first, then how guessable it looks. The server decides. */

export const shortest_chars = 12

export interface Strength {
  /** 0 (not acceptable) to 3 (strong) */
  level: 0 | 1 | 2 | 3
  words: string
}

/** `about` holds what others know: name, e-mail. */
export function strengthOf(password: string, about: readonly string[]): Strength {
  const missing = shortest_chars - password.length
  if (missing > 0) return { level: 0, words: `${missing} more ${missing === 1 ? "character" : "characters"}` }
  const lower = password.toLowerCase()
  if (new Set(lower).size < 6) return { level: 0, words: "Too repetitive" }
  const known = about.flatMap((fact) => fact.toLowerCase().split(/[\s@.]+/)).filter((fact) => fact.length > 3)
  if (known.some((fact) => lower.includes(fact)))
    return { level: 1, words: "Fair: it holds your name or e-mail" }
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password)).length
  const score = password.length + 2 * (kinds - 1)
  if (score >= 20) return { level: 3, words: "Strong" }
  if (score >= 15) return { level: 2, words: "Good" }
  return { level: 1, words: "Fair: longer is stronger" }
}
