/** Credits at the rate of this installation. */
import { credits } from "@/lib/format"
import { useMe } from "./me"

export type CreditWords = (micros: number) => string

const by_rate = new Map<number, CreditWords>()

/** The same function for as long as the rate is the same. */
export function useCredits(): CreditWords {
  const { credit_micros } = useMe()
  const known = by_rate.get(credit_micros)
  if (known) return known
  const words = (micros: number) => credits(micros, credit_micros)
  by_rate.set(credit_micros, words)
  return words
}
