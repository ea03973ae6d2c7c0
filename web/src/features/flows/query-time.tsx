/** When flows began: a usual span, around a moment, or between two. */
import { ChevronsUpDown } from "lucide-react"
import { type FormEvent, useState } from "react"
import { Button } from "@/ui/button"
import { cn } from "@/ui/cn"
import { Field } from "@/ui/field"
import { Icon } from "@/ui/icon"
import { controlStyle, Input } from "@/ui/input"
import { Popover, PopoverContent, PopoverTrigger } from "@/ui/overlay"
import { around, local, momentIn, type Span, spanOf, spanWords, usual_spans, withSpan } from "./query-span"

interface TimeFacetProps {
  q: string
  onQuery: (q: string) => void
}

export function TimeFacet({ q, onQuery }: TimeFacetProps) {
  const [open, setOpen] = useState(false)
  const span = spanOf(q)
  const words = spanWords(span, new Date())
  const choose = (next: Span) => {
    onQuery(withSpan(q, next))
    setOpen(false)
  }
  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger
        aria-label={`Time: ${words}`}
        className={cn(
          controlStyle,
          "inline-flex h-8 w-auto min-w-36 items-center justify-between gap-2 text-left",
        )}
      >
        <span className="truncate">{words}</span>
        <Icon of={ChevronsUpDown} size={14} className="text-fg-3" />
      </PopoverTrigger>
      <PopoverContent align="start" className="flex w-72 flex-col gap-3">
        <Usual span={span} onChoose={choose} />
        <Around onChoose={choose} />
        <Between span={span} onChoose={choose} />
      </PopoverContent>
    </Popover>
  )
}

interface ChoiceProps {
  span: Span
  onChoose: (span: Span) => void
}

function Usual({ span, onChoose }: ChoiceProps) {
  const any = !span.since && !span.until
  return (
    <div className="flex flex-wrap gap-1.5">
      <Button size="sm" aria-pressed={any} className={on_style} onClick={() => onChoose({})}>
        Any time
      </Button>
      {usual_spans.map(({ words, since }) => (
        <Button
          key={since}
          size="sm"
          aria-pressed={span.since === since && !span.until}
          className={on_style}
          onClick={() => onChoose({ since })}
        >
          {words}
        </Button>
      ))}
    </div>
  )
}

const on_style = "aria-pressed:border-accent aria-pressed:bg-accent-soft aria-pressed:text-accent-text"

function Around({ onChoose }: Pick<ChoiceProps, "onChoose">) {
  const [at, setAt] = useState(() => local(Date.now()))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onChoose(around(new Date(at)))
  }
  return (
    <form onSubmit={submit} className="flex items-end gap-2 border-t pt-3">
      <Field label="Around a moment" className="min-w-0 flex-1">
        <Input type="datetime-local" required value={at} onChange={(event) => setAt(event.target.value)} />
      </Field>
      <Button type="submit">Show</Button>
    </form>
  )
}

function Between({ span, onChoose }: ChoiceProps) {
  const [from, setFrom] = useState(typed(span.since))
  const [to, setTo] = useState(typed(span.until))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onChoose({ ...(from ? { since: from } : {}), ...(to ? { until: to } : {}) })
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-2 border-t pt-3">
      <Field label="From">
        <Input type="datetime-local" value={from} onChange={(event) => setFrom(event.target.value)} />
      </Field>
      <div className="flex items-end gap-2">
        <Field label="To" className="min-w-0 flex-1">
          <Input type="datetime-local" value={to} onChange={(event) => setTo(event.target.value)} />
        </Field>
        <Button type="submit" disabled={!from && !to}>
          Show
        </Button>
      </div>
    </form>
  )
}

/** What a field for date and time can hold of it. */
function typed(word: string | undefined): string {
  const at = momentIn(word)
  return at ? local(at.getTime()) : ""
}
