/** A prompt, a resource or a template: what it is called, what it is, what it takes. */
import { bytes, unturned } from "@/lib/format"
import { Chips } from "@/ui/chips"
import type { Argument, Offered } from "./queries"

export function OfferLine({ offer }: { offer: Offered }) {
  const address = addressOf(offer)
  const facts = factsOf(offer)
  return (
    <li className="flex min-w-0 flex-col gap-0.5 px-4 py-2.5">
      <code title={address} className="line-clamp-2 wrap-anywhere font-medium text-xs">
        {unturned(address)}
      </code>
      {facts && <span className="truncate text-fg-2 text-xs">{facts}</span>}
      {offer.description && (
        <p title={offer.description} className="line-clamp-2 break-words text-fg-2 text-xs">
          {offer.description}
        </p>
      )}
      {offer.kind === "prompt" && offer.arguments.length > 0 && (
        <div className="mt-1">
          <Chips items={offer.arguments.map(chipOf)} />
        </div>
      )}
    </li>
  )
}

/** What it is asked for by. */
export function addressOf(offer: Offered): string {
  switch (offer.kind) {
    case "prompt":
      return offer.name
    case "resource":
      return offer.uri
    case "template":
      return offer.uri_template
  }
}

function factsOf(offer: Offered): string {
  const name = offer.title ?? offer.name
  const facts = name === addressOf(offer) ? [] : [name]
  if (offer.kind !== "prompt" && offer.mime_type) facts.push(offer.mime_type)
  if (offer.kind === "resource" && offer.size !== null) facts.push(bytes(offer.size))
  return facts.join(" \u00b7 ")
}

const chipOf = ({ name, description, required }: Argument, place: number) => ({
  key: `${place} ${name}`,
  words: required ? name : `${name}?`,
  note: [description, required ? "" : "may be left out"].filter(Boolean).join("; ") || undefined,
})
