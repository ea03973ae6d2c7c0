/** What is read of the prompts and resources that I may use. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query"
import { api } from "@/api/client"
import { keys } from "@/api/keys"
import { pagesQuery } from "@/api/pages"
import type { components } from "@/api/schema"

export type Offers = components["schemas"]["OffersView"]
export type OffersOfKind = components["schemas"]["OffersOfKind"]
export type Offered = OffersOfKind["first"][number]
export type Argument = components["schemas"]["OfferedArgument"]

const page_size = 100
const keyOf = (user_id: string) => [...keys.users.part(user_id, "access"), "offers"]

/** The first of each kind at every server; while other words are asked for, what was found before stays. */
export const offersQuery = (user_id: string, q: string) =>
  queryOptions({
    queryKey: [...keyOf(user_id), q],
    queryFn: ({ signal }) => api.get<Offers>("/api/offers", { q }, signal),
    staleTime: 30_000,
    placeholderData: keepPreviousData,
  })

/** All of one kind at one server. */
export const offersOfKindQuery = (user_id: string, slug: string, kind: Offered["kind"], q: string) =>
  pagesQuery<Offered>(`/api/offers/${slug}/${kind}`, [...keyOf(user_id), slug, kind, q], {
    q,
    limit: page_size,
  })
