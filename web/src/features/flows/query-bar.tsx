/** The query bar: text that is completed while it is typed, and asked when it rests, by Enter, or by a choice. */
import { CircleAlert, Search, X } from "lucide-react"
import { type KeyboardEvent, useId, useRef, useState } from "react"
import { useDraft } from "@/ui/draft"
import { Icon } from "@/ui/icon"
import { Input } from "@/ui/input"
import { type Offer, useOffers } from "./query-offers"
import { QueryOffers } from "./query-offers-list"
import { expectedAt, isWhole, taken, tidied } from "./query-text"

interface QueryBarProps {
  value: string
  onValue: (value: string) => void
  /** What the server says of a query that it cannot read. */
  refused: string | null
}

export function QueryBar({ value, onValue, refused }: QueryBarProps) {
  const bar = useBar(value, onValue)
  const list_id = useId()
  const help_id = useId()
  const offers = useOffers(bar.expected, bar.open).slice(0, 12)
  const current = bar.at === null ? undefined : offers[Math.min(bar.at, offers.length - 1)]
  const onKeyDown = (event: KeyboardEvent) => bar.onKeyDown(event, offers, current)
  const shown = bar.open && offers.length > 0
  return (
    <div className="relative">
      <Icon of={Search} size={14} className="pointer-events-none absolute top-2.5 left-2.5 text-fg-3" />
      <Input
        ref={bar.input}
        role="combobox"
        aria-label="Search flows"
        aria-expanded={shown}
        aria-controls={list_id}
        aria-autocomplete="list"
        aria-activedescendant={current && `${list_id}-${offers.indexOf(current)}`}
        aria-invalid={refused !== null}
        aria-describedby={refused ? help_id : undefined}
        autoComplete="off"
        spellCheck={false}
        placeholder='Words, or user:ann status:denied server:wiki tool:get_* cost:>0.01 text:"invoice"'
        value={bar.draft}
        onChange={(event) => bar.type(event.target.value, event.target.selectionStart ?? 0)}
        onKeyDown={onKeyDown}
        onFocus={bar.show}
        onBlur={bar.leave}
        onSelect={bar.move}
        className="border-border px-8 font-mono text-xs hover:border-border-strong"
      />
      {bar.draft && (
        <button
          type="button"
          aria-label="Clear search"
          onClick={() => bar.ask("")}
          className="absolute top-0 right-0 grid size-8 place-items-center rounded text-fg-3 hover:text-fg"
        >
          <Icon of={X} size={14} />
        </button>
      )}
      {shown && <QueryOffers id={list_id} offers={offers} current={current} onTake={bar.take} />}
      {refused && !shown && (
        <p id={help_id} role="alert" className="mt-1.5 flex items-start gap-1.5 text-bad text-xs">
          <Icon of={CircleAlert} size={14} className="mt-px shrink-0" />
          {refused}
        </p>
      )}
    </div>
  )
}

/** The draft, the caret, and when the draft is asked. */
function useBar(value: string, onValue: (value: string) => void) {
  const input = useRef<HTMLInputElement>(null)
  const { draft, type: typeWords, tell } = useDraft(value, onValue)
  const [caret, setCaret] = useState(0)
  const [open, setOpen] = useState(false)
  const [at, setAt] = useState<number | null>(null)
  const ask = (text: string) => {
    typeWords(text, null)
    tell(tidied(text))
  }
  const type = (text: string, next: number) => {
    const resting = isWhole(text) && expectedAt(text, next).key === null
    typeWords(text, resting ? tidied(text) : null)
    setCaret(next)
    setOpen(true)
    setAt(null)
  }
  const expected = expectedAt(draft, caret)
  const take = (offer: Offer) => {
    const next = taken(draft, expected, offer.value)
    type(next.text, next.caret)
    requestAnimationFrame(() => {
      input.current?.focus()
      input.current?.setSelectionRange(next.caret, next.caret)
    })
  }
  const walk = (step: 1 | -1, offers: Offer[]) => {
    setOpen(true)
    setAt((before) => Math.min(Math.max((before ?? -1) + step, 0), offers.length - 1))
  }
  const enter = (current: Offer | undefined) => {
    if (open && current) return take(current)
    setOpen(false)
    ask(draft)
  }
  const onKeyDown = (event: KeyboardEvent, offers: Offer[], current: Offer | undefined) => {
    const acts: Record<string, (() => void) | undefined> = {
      ArrowDown: offers.length > 0 ? () => walk(1, offers) : undefined,
      ArrowUp: offers.length > 0 ? () => walk(-1, offers) : undefined,
      Enter: () => enter(current),
      Tab: open && current ? () => take(current) : undefined,
      Escape: open ? () => setOpen(false) : undefined,
    }
    const act = acts[event.key]
    if (!act) return
    event.preventDefault()
    event.stopPropagation()
    act()
  }
  const move = () => setCaret(input.current?.selectionStart ?? 0)
  const show = () => setOpen(true)
  const leave = () => setOpen(false)
  return { input, draft, expected, open, at, ask, type, take, onKeyDown, move, show, leave }
}
