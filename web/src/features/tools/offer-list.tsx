/** What a server offers of one kind: the first few at once, the rest page by page. */
import { useInfiniteQuery } from "@tanstack/react-query"
import { type ReactNode, useState } from "react"
import { useMe } from "@/api/me"
import { errorState, tableState } from "@/api/pages"
import { count } from "@/lib/format"
import { Button } from "@/ui/button"
import { ErrorState } from "@/ui/states"
import { addressOf, OfferLine } from "./offer-line"
import { type Offered, type OffersOfKind, offersOfKindQuery } from "./queries"

export const kinds: Record<Offered["kind"], { title: string; many: string }> = {
  prompt: { title: "Prompts", many: "prompts" },
  resource: { title: "Resources", many: "resources" },
  template: { title: "Resource templates", many: "resource templates" },
}

interface OfferListProps {
  slug: string
  part: OffersOfKind
  q: string
}

export function OfferList({ slug, part, q }: OfferListProps) {
  const { user } = useMe()
  const [open, setOpen] = useState(false)
  const query = useInfiniteQuery({ ...offersOfKindQuery(user.user_id, slug, part.kind, q), enabled: open })
  const { rows = part.first, more } = tableState(query)
  const error = errorState(query)
  const onMore = more ? more.onMore : () => setOpen(true)
  return (
    <Section title={kinds[part.kind].title} total={part.total}>
      <ul className="grid sm:grid-cols-2 xl:grid-cols-3">
        {rows.map((offer) => (
          <OfferLine key={addressOf(offer)} offer={offer} />
        ))}
      </ul>
      {error && <ErrorState {...error} className="py-4" />}
      {rows.length < part.total && !error && (
        <More busy={query.isFetching} onMore={onMore} label={`Show more ${kinds[part.kind].many}`}>
          {count(rows.length)} of {count(part.total)} shown
        </More>
      )}
    </Section>
  )
}

interface SectionProps {
  title: string
  total: number
  children: ReactNode
}

/** One kind of things within the card of a server. */
export function Section({ title, total, children }: SectionProps) {
  return (
    <section aria-label={title} className="border-t first:border-t-0">
      <h3 className="px-4 pt-2.5 font-medium text-fg-2 text-xs">
        {title} <span className="tabular font-normal text-fg-3">{count(total)}</span>
      </h3>
      {children}
    </section>
  )
}

interface MoreProps {
  busy?: boolean
  onMore: () => void
  label: string
  children: ReactNode
}

export function More({ busy, onMore, label, children }: MoreProps) {
  return (
    <p className="mx-2 mb-2 flex flex-wrap items-center gap-x-2 text-fg-3 text-xs">
      <Button variant="quiet" busy={busy} onClick={onMore}>
        {label}
      </Button>
      <span className="tabular">{children}</span>
    </p>
  )
}
