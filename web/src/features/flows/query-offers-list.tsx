/** What may come next in a query, as a list beneath the bar. */
import { cn } from "@/ui/cn"
import { menuItemStyle, menuStyle } from "@/ui/menu"
import type { Offer } from "./query-offers"

interface QueryOffersProps {
  id: string
  offers: readonly Offer[]
  current: Offer | undefined
  onTake: (offer: Offer) => void
}

export function QueryOffers({ id, offers, current, onTake }: QueryOffersProps) {
  return (
    <div
      id={id}
      role="listbox"
      aria-label="What may come next"
      className={cn(menuStyle, "absolute top-9 left-0 max-h-80 w-full max-w-lg sm:left-6")}
    >
      {offers.map((offer, i) => (
        <div
          key={offer.value}
          id={`${id}-${i}`}
          role="option"
          tabIndex={-1}
          aria-selected={offer === current}
          onPointerDown={(event) => {
            event.preventDefault()
            onTake(offer)
          }}
          className={cn(menuItemStyle, "cursor-pointer hover:bg-hover", offer === current && "bg-hover")}
        >
          <span className="truncate font-mono text-xs">{offer.label}</span>
          <span className="ml-auto truncate pl-4 text-fg-2 text-xs">{offer.note}</span>
        </div>
      ))}
    </div>
  )
}
