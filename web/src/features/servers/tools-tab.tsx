/** The tools of a server: what each does, its schema, whether it is offered, and what a call costs. */
import { useQuery } from "@tanstack/react-query"
import { ChevronRight, Wrench } from "lucide-react"
import { useState } from "react"
import { may, useMe } from "@/api/me"
import { errorState } from "@/api/pages"
import type { ServerView, ToolView } from "@/api/shapes"
import { credits } from "@/lib/format"
import { Badge } from "@/ui/badge"
import { Button } from "@/ui/button"
import { Switch } from "@/ui/choice"
import { cn } from "@/ui/cn"
import { Icon } from "@/ui/icon"
import { Input, SearchInput } from "@/ui/input"
import { JsonView } from "@/ui/json-view"
import { EmptyState, ErrorState, Skeleton } from "@/ui/states"
import { toolsQuery, useChangeTool } from "./queries"

const search_from = 10

export function ToolsTab({ server }: { server: ServerView }) {
  const query = useQuery(toolsQuery(server.server_id))
  const [q, setQ] = useState("")
  const error = errorState(query)
  if (!query.data) return error ? <ErrorState {...error} /> : <ToolsSkeleton />
  const { items } = query.data
  const needle = q.toLowerCase()
  const shown = items.filter((tool) => `${tool.name} ${tool.description}`.toLowerCase().includes(needle))
  if (items.length === 0)
    return (
      <EmptyState
        icon={Wrench}
        title="No tool yet"
        words={
          server.state === "connected"
            ? "The server answers, but it offers no tool."
            : "Its tools appear as soon as it answers."
        }
      />
    )
  return (
    <div className="flex flex-col gap-3">
      {items.length > search_from && (
        <SearchInput label="Search tools" value={q} onValue={setQ} className="w-full sm:w-72" />
      )}
      <ul className="divide-y rounded border bg-surface">
        {shown.map((tool) => (
          <ToolLine key={tool.name} server_id={server.server_id} tool={tool} />
        ))}
      </ul>
      {shown.length === 0 && <p className="text-fg-2">No tool matches "{q}".</p>}
    </div>
  )
}

function ToolLine({ server_id, tool }: { server_id: string; tool: ToolView }) {
  const [open, setOpen] = useState(false)
  const change = useChangeTool(server_id)
  const me = useMe()
  const manage = may(me, "servers.manage")
  const priced = tool.price_micros ? `${credits(tool.price_micros, me.credit_micros)} credits` : "free"
  return (
    <li>
      <div className="flex items-center gap-3 pr-4 transition-colors hover:bg-hover">
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="flex min-w-0 flex-1 items-center gap-2.5 py-2.5 pl-3 text-left focus-visible:outline-offset-[-2px]"
        >
          <Icon
            of={ChevronRight}
            size={14}
            className={cn("text-fg-3 transition-transform", open && "rotate-90")}
          />
          <span className={cn("flex min-w-0 flex-1 flex-col", !tool.enabled && "opacity-60")}>
            <span className="flex flex-wrap items-center gap-2">
              <code className="break-all font-medium text-xs">{tool.name}</code>
              <Hints tool={tool} />
            </span>
            <span className={cn("text-fg-2 text-xs", !open && "truncate")}>{tool.description}</span>
          </span>
        </button>
        <span className="tabular shrink-0 text-fg-2 text-xs max-sm:hidden">{priced}</span>
        <Switch
          checked={tool.enabled}
          disabled={!manage}
          onChecked={(enabled) => change.mutate({ name: tool.name, patch: { enabled } })}
          label={`Offer ${tool.name}`}
          hideLabel
        />
      </div>
      {open && (
        <div className="flex flex-col gap-3 px-4 pt-2 pb-4 sm:pl-10">
          <section>
            <h3 className="mb-1 font-medium text-fg-3 text-xs">Arguments</h3>
            <JsonView value={tool.input_schema} label="schema" open={3} />
          </section>
          {manage && (
            <PriceForm
              key={tool.price_micros}
              tool={tool}
              rate={me.credit_micros}
              onSave={(price_micros) => change.mutate({ name: tool.name, patch: { price_micros } })}
            />
          )}
        </div>
      )}
    </li>
  )
}

function Hints({ tool }: { tool: ToolView }) {
  const { destructiveHint, readOnlyHint } = tool.annotations
  return (
    <>
      {readOnlyHint === true && <Badge>Reads only</Badge>}
      {destructiveHint === true && readOnlyHint !== true && <Badge tone="warn">Destructive</Badge>}
      {!tool.enabled && <Badge>Off</Badge>}
    </>
  )
}

interface PriceFormProps {
  tool: ToolView
  rate: number
  onSave: (price_micros: number | null) => void
}

function PriceForm({ tool, rate, onSave }: PriceFormProps) {
  const [text, setText] = useState(tool.price_micros ? String(tool.price_micros / rate) : "")
  const amount = Number(text)
  const valid = Number.isFinite(amount) && amount >= 0
  const wanted = text.trim() === "" ? null : Math.round(amount * rate)
  const changed = (wanted ?? 0) !== (tool.price_micros ?? 0)
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        onSave(wanted)
      }}
      className="flex flex-wrap items-center gap-2"
    >
      <label htmlFor={`price-${tool.name}`} className="text-fg-2">
        Credits a call
      </label>
      <Input
        id={`price-${tool.name}`}
        inputMode="decimal"
        placeholder="free"
        value={text}
        aria-invalid={!valid || undefined}
        onChange={(event) => setText(event.target.value)}
        className="w-28"
      />
      <Button type="submit" disabled={!valid || !changed}>
        Save price
      </Button>
    </form>
  )
}

function ToolsSkeleton() {
  return (
    <div aria-busy="true" className="divide-y rounded border bg-surface">
      {["a", "b", "c", "d"].map((line) => (
        <div key={line} className="flex flex-col gap-2 px-4 py-3">
          <Skeleton className="h-3.5 w-40" />
          <Skeleton className="h-3 w-96 max-w-full" />
        </div>
      ))}
    </div>
  )
}
