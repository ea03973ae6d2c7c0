/** Queries under a name: those that everybody has, one's own, and keeping the one that is shown. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { Bookmark, Trash2 } from "lucide-react"
import { useState } from "react"
import { removeView, saveView, viewsQuery } from "@/api/history"
import { keys } from "@/api/keys"
import { asProblem, problemWords } from "@/api/problem"
import { Button, IconButton } from "@/ui/button"
import { cn } from "@/ui/cn"
import { Field } from "@/ui/field"
import { Input } from "@/ui/input"
import { Popover, PopoverContent, PopoverTrigger } from "@/ui/overlay"
import { toast } from "@/ui/toast"

export const common_views: readonly { name: string; query: string }[] = [
  { name: "All", query: "" },
  { name: "Denied", query: "status:denied,blocked" },
  { name: "Errors", query: "status:failed,unknown" },
  { name: "Slow", query: "duration:>10s" },
  { name: "Expensive", query: "cost:>0.01" },
]

export function QueryViews({ q }: { q: string }) {
  const { data } = useQuery(viewsQuery)
  const own = data?.items ?? []
  const here = own.find((view) => view.query === q)
  const named = here !== undefined || common_views.some((view) => view.query === q)
  return (
    <nav aria-label="Views" className="-mx-1 flex items-center gap-1 overflow-x-auto px-1">
      {common_views.map((view) => (
        <ViewLink key={view.name} {...view} on={view.query === q} />
      ))}
      {own.length > 0 && <span aria-hidden="true" className="mx-1 h-4 border-l" />}
      {own.map((view) => (
        <ViewLink key={view.view_id} name={view.name} query={view.query} on={view.query === q} />
      ))}
      {here && <RemoveView view_id={here.view_id} name={here.name} />}
      {!named && <SaveView q={q} />}
    </nav>
  )
}

function ViewLink({ name, query, on }: { name: string; query: string; on: boolean }) {
  return (
    <Link
      to="/admin/flows"
      search={query ? { q: query } : {}}
      aria-current={on ? "page" : undefined}
      className={cn(
        "h-7 shrink-0 rounded px-2.5 text-fg-2 text-sm leading-7 hover:bg-hover hover:text-fg",
        on && "bg-accent-soft font-medium text-accent-text",
      )}
    >
      {name}
    </Link>
  )
}

function useChange<T>(act: (given: T) => Promise<unknown>, done: () => void) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: act,
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.flows.views })
      done()
    },
    onError: (thrown) => toast.failed("This was not done", problemWords(asProblem(thrown))),
  })
}

function SaveView({ q }: { q: string }) {
  const [open, setOpen] = useState(false)
  const [name, setName] = useState("")
  const save = useChange(
    () => saveView(name.trim(), q),
    () => setOpen(false),
  )
  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger asChild>
        <Button variant="quiet" size="sm" icon={Bookmark}>
          Save view
        </Button>
      </PopoverTrigger>
      <PopoverContent align="start" className="w-72">
        <form
          className="flex flex-col gap-2"
          onSubmit={(event) => {
            event.preventDefault()
            save.mutate(undefined)
          }}
        >
          <Field label="Name">
            <Input value={name} maxLength={80} onChange={(event) => setName(event.target.value)} />
          </Field>
          <code className="break-words text-fg-2 text-xs">{q}</code>
          <Button type="submit" variant="primary" busy={save.isPending} disabled={!name.trim()}>
            Save
          </Button>
        </form>
      </PopoverContent>
    </Popover>
  )
}

function RemoveView({ view_id, name }: { view_id: string; name: string }) {
  const remove = useChange(removeView, () => toast.done(`The view ${name} is gone`))
  return (
    <IconButton
      icon={Trash2}
      label={`Remove view ${name}`}
      size="sm"
      onClick={() => remove.mutate(view_id)}
    />
  )
}
