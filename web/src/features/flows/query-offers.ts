/** What is offered while a query is typed: keys, people, servers, tools, outcomes and examples. */
import { keepPreviousData, useQuery } from "@tanstack/react-query"
import { type TermName, termsQuery } from "@/api/history"
import { userSearchQuery } from "@/api/users"
import { plural } from "@/lib/format"
import { all_kinds, kindOf } from "./kinds"
import { type Expected, query_keys } from "./query-text"
import { sources, statuses } from "./words"

export interface Offer {
  /** What is put into the query. */
  value: string
  label: string
  note: string
}

const term_names: readonly TermName[] = ["server", "tool", "model", "error"]
const examples: Record<string, readonly (readonly [string, string])[]> = {
  cost: [
    [">0.001", "over 0.001 USD"],
    [">0.01", "over 0.01 USD"],
    [">0.1", "over 0.1 USD"],
  ],
  duration: [
    [">2s", "over two seconds"],
    [">10s", "over ten seconds"],
    [">1m", "over a minute"],
  ],
  since: [
    ["1h", "the last hour"],
    ["today", "since midnight here"],
    ["7d", "the last seven days"],
  ],
  until: [
    ["today", "before today"],
    ["7d", "seven days ago and before"],
  ],
  tokens: [[">10k", "over ten thousand"]],
  steps: [[">20", "over twenty"]],
  calls: [[">3", "over three"]],
}

/** Offers for what the caret expects; they are fetched only while `on`. */
export function useOffers(expected: Expected, on: boolean): Offer[] {
  const { key, typed } = expected
  const term = term_names.find((one) => one === key)
  const people = useQuery({
    ...userSearchQuery(typed, 6),
    enabled: on && key === "user",
    placeholderData: keepPreviousData,
  })
  const terms = useQuery({
    ...termsQuery(term ?? "server", typed.replaceAll("*", "")),
    enabled: on && term !== undefined,
    placeholderData: keepPreviousData,
  })
  if (key === "user")
    return (people.data?.items ?? []).map((one) => ({ value: one.email, label: one.email, note: one.name }))
  if (term !== undefined)
    return (terms.data?.items ?? []).map((one) => ({
      value: one.value,
      label: one.label,
      note: plural(one.count, "flow"),
    }))
  return fixedOffers(key, typed)
}

/** Offers that need no request. */
export function fixedOffers(key: string | null, typed: string): Offer[] {
  const starts = (value: string) => value.startsWith(typed.toLowerCase())
  if (key === null)
    return query_keys
      .filter((one) => starts(one.key))
      .map((one) => ({ value: one.key, label: `${one.key}:`, note: one.words }))
  const words: Record<string, Record<string, string>> = { status: statuses, source: sources }
  const named = key === "kind" ? kindWords : words[key]
  if (named)
    return Object.entries(named)
      .filter(([value]) => starts(value))
      .map(([value, label]) => ({ value, label: value, note: label }))
  return (examples[key] ?? [])
    .filter(([value]) => typed === "" || starts(value))
    .map(([value, note]) => ({ value, label: value, note }))
}

const kindWords: Record<string, string> = Object.fromEntries(
  all_kinds.map((kind) => [kind, kindOf(kind).title]),
)
