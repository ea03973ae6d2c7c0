/** How a figure compares with the one before, for the eye and in words. */

export interface Change {
  figure: string
  words: string
}

/** Null when there is nothing to compare with. */
export function changeOf(now: number, before: number): Change | null {
  if (before === 0) return null
  const percent = Math.round(((now - before) / before) * 100)
  if (percent === 0) return { figure: "same as yesterday", words: "the same as yesterday at this time" }
  const sign = percent > 0 ? "+" : "\u2212"
  const figure = `${sign}${Math.abs(percent)} %`
  const words = `${Math.abs(percent)} percent ${percent > 0 ? "more" : "less"} than yesterday at this time`
  return { figure, words }
}
