/** The search of a person picker: what was typed, and who it finds. */
import { keepPreviousData, useQuery } from "@tanstack/react-query"
import { useDeferredValue, useState } from "react"
import { userSearchQuery } from "./users"

export function usePersonSearch() {
  const [query, onQuery] = useState("")
  const q = useDeferredValue(query.trim())
  const { data, isFetching } = useQuery({ ...userSearchQuery(q), placeholderData: keepPreviousData })
  return { query, onQuery, people: data?.items, busy: isFetching && !data }
}
