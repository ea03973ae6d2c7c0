/** Credits at the rate of this installation. */
import { credits } from "@/lib/format"
import { useMe } from "./me"

export function useCredits(): (micros: number) => string {
  const { credit_micros } = useMe()
  return (micros) => credits(micros, credit_micros)
}
