/** Figures in words: credits, money, counts, sizes, shortened ids. */

/** Display rate: one credit is this many micro-USD unless the server says otherwise. */
export const default_credit_rate_micros = 1000

/** Made once: a format costs hundreds of times what it takes to write a number by it. */
const whole = new Intl.NumberFormat("en-US")
const one_decimal = new Intl.NumberFormat("en-US", { minimumFractionDigits: 1, maximumFractionDigits: 1 })
const cents = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const short = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 })

/** "411.6" (credits, one decimal, grouped) */
export function credits(micros: number, rate_micros = default_credit_rate_micros): string {
  return one_decimal.format(micros / rate_micros)
}

/** "0.0021 USD"; enough digits that a small cost is never shown as nothing. */
export function usd(micros: number): string {
  const amount = micros / 1_000_000
  const digits = amount === 0 || Math.abs(amount) >= 1 ? 2 : Math.abs(amount) >= 0.01 ? 3 : 6
  return `${digits > 2 ? trimmed(amount.toFixed(digits)) : cents.format(amount)} USD`
}

/** "1,204" */
export function count(n: number): string {
  return whole.format(n)
}

/** "12.4k", "3.1M": for places too narrow for every digit. */
export function compact(n: number): string {
  return short.format(n).replace("K", "k")
}

/** "980 B", "1.2 kB", "3.4 MB" */
export function bytes(n: number): string {
  if (n < 1000) return `${n} B`
  const power = n < 999_950 ? 1 : n < 999_950_000 ? 2 : 3
  return `${(n / 1000 ** power).toFixed(1)} ${"kMG"[power - 1]}B`
}

/** Characters that turn the direction of what follows would make a text look like another: they are shown as codes. */
export function unturned(text: string): string {
  return text.replace(
    /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (mark) => `\\u${mark.charCodeAt(0).toString(16)}`,
  )
}

/** "1 tool", "14 tools" */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`
}

/** Long ids shortened in the middle: "019aa3…8f21" */
export function shortId(id: string): string {
  return id.length <= 13 ? id : `${id.slice(0, 6)}\u2026${id.slice(-4)}`
}

/** Up to two letters for an avatar, from a name or else an e-mail. */
export function initials(name: string): string {
  const words = name
    .replace(/@.*$/, "")
    .split(/[\s._-]+/)
    .filter(Boolean)
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : [words[0]]
  return letters.map((word) => word?.[0]?.toUpperCase() ?? "").join("") || "?"
}

function trimmed(words: string): string {
  return words.replace(/0+$/, "")
}
