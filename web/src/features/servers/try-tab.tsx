/** A tool tried by hand: the same path as every call, so it is recorded, decided and charged like one. */
import { useQuery } from "@tanstack/react-query"
import { getRouteApi } from "@tanstack/react-router"
import { Play, Wrench } from "lucide-react"
import { type FormEvent, useRef, useState } from "react"
import { errorState } from "@/api/pages"
import type { ServerView, ToolView } from "@/api/shapes"
import { Button } from "@/ui/button"
import { Card } from "@/ui/card"
import { EmptyState, ErrorState, Skeleton } from "@/ui/states"
import { ArgumentInputs } from "./argument-input"
import { fieldsOf } from "./schema-form"
import { argumentsOf, type TypedGroup } from "./schema-read"
import { ToolChooser } from "./tool-chooser"
import { toolsQuery, useTryTool } from "./tool-queries"
import { TriedResult } from "./tried-result"

const route = getRouteApi("/shell/admin/servers/$id")

export function TryTab({ server }: { server: ServerView }) {
  const query = useQuery(toolsQuery(server.server_id))
  const { tool: name } = route.useSearch()
  const navigate = route.useNavigate()
  const error = errorState(query)
  if (!query.data) return error ? <ErrorState {...error} /> : <Skeleton className="h-48" />
  const { items } = query.data
  const tool = items.find((one) => one.name === name) ?? items[0]
  if (!tool) return <EmptyState icon={Wrench} title="No tool to try" words="This server offers no tool." />
  return (
    <div className="flex max-w-[880px] flex-col gap-4">
      <ToolChooser
        tools={items}
        tool={tool}
        onTool={(next) => void navigate({ search: { tab: "try", tool: next }, replace: true })}
      />
      <TryForm key={tool.name} server_id={server.server_id} tool={tool} />
    </div>
  )
}

function TryForm({ server_id, tool }: { server_id: string; tool: ToolView }) {
  const fields = fieldsOf(tool.input_schema)
  const [typed, setTyped] = useState<TypedGroup>({})
  const [tried, setTried] = useState<readonly string[]>([])
  const attempt = useTryTool(server_id, tool.name)
  const form = useRef<HTMLFormElement>(null)
  const read = argumentsOf(fields, typed)
  /** What was wrong when it was tried, for as long as it is. */
  const errors = Object.fromEntries(Object.entries(read.errors).filter(([path]) => tried.includes(path)))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const wrong = Object.keys(read.errors)
    setTried(wrong)
    if (wrong.length === 0) attempt.mutate(read.args)
    else requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus())
  }
  return (
    <>
      <Card title={tool.shown_title ?? tool.title ?? tool.name}>
        <form ref={form} onSubmit={submit} noValidate className="flex flex-col gap-4">
          <p className="max-w-[72ch] whitespace-pre-wrap text-fg-2">
            {tool.shown_description ?? tool.description}
          </p>
          {fields.length === 0 && <p className="text-fg-3">It takes no arguments.</p>}
          <ArgumentInputs fields={fields} typed={typed} errors={errors} onTyped={setTyped} />
          <Button type="submit" variant="primary" icon={Play} busy={attempt.isPending} className="self-start">
            Call {tool.renamed ?? tool.name}
          </Button>
        </form>
      </Card>
      <TriedResult tried={attempt.data} error={attempt.error} busy={attempt.isPending} />
    </>
  )
}
