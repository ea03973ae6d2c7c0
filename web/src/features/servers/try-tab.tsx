/** A tool tried by hand: the same path as every call, so it is recorded, decided and charged like one. */
import { useQuery } from "@tanstack/react-query"
import { Play, Wrench } from "lucide-react"
import { type FormEvent, useState } from "react"
import { errorState } from "@/api/pages"
import type { ServerView, ToolView } from "@/api/shapes"
import { Button } from "@/ui/button"
import { Card } from "@/ui/card"
import { Field } from "@/ui/field"
import { Select } from "@/ui/select"
import { EmptyState, ErrorState, Skeleton } from "@/ui/states"
import { ArgumentInput } from "./argument-input"
import { argumentsOf, fieldsOf } from "./schema-form"
import { toolsQuery, useTryTool } from "./tool-queries"
import { TriedResult } from "./tried-result"

export function TryTab({ server }: { server: ServerView }) {
  const query = useQuery(toolsQuery(server.server_id))
  const [name, setName] = useState<string | null>(null)
  const error = errorState(query)
  if (!query.data) return error ? <ErrorState {...error} /> : <Skeleton className="h-48" />
  const { items } = query.data
  const tool = items.find((one) => one.name === name) ?? items[0]
  if (!tool) return <EmptyState icon={Wrench} title="No tool to try" words="This server offers no tool." />
  return (
    <div className="flex max-w-[880px] flex-col gap-4">
      <Field
        label="Tool"
        help="A call from here takes the path of every call: your own access decides, and it leaves a flow."
      >
        <Select
          value={tool.name}
          onValue={setName}
          options={items.map((one) => ({ value: one.name, label: one.renamed ?? one.name }))}
          className="w-full sm:w-80"
        />
      </Field>
      <TryForm key={tool.name} server_id={server.server_id} tool={tool} />
    </div>
  )
}

function TryForm({ server_id, tool }: { server_id: string; tool: ToolView }) {
  const fields = fieldsOf(tool.input_schema)
  const [typed, setTyped] = useState<Record<string, string>>({})
  const [errors, setErrors] = useState<Record<string, string>>({})
  const attempt = useTryTool(server_id, tool.name)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const read = argumentsOf(fields, typed)
    setErrors(read.errors)
    if (Object.keys(read.errors).length === 0) attempt.mutate(read.args)
  }
  return (
    <>
      <Card title={tool.shown_title ?? tool.title ?? tool.name}>
        <form onSubmit={submit} className="flex flex-col gap-4">
          <p className="max-w-[72ch] whitespace-pre-wrap text-fg-2">
            {tool.shown_description ?? tool.description}
          </p>
          {fields.length === 0 && <p className="text-fg-3">It takes no arguments.</p>}
          <div className="grid gap-4 sm:grid-cols-2">
            {fields.map((field) => (
              <ArgumentInput
                key={field.name}
                field={field}
                typed={typed[field.name] ?? field.initial}
                error={errors[field.name] ?? null}
                onTyped={(text) => setTyped({ ...typed, [field.name]: text })}
              />
            ))}
          </div>
          <Button type="submit" variant="primary" icon={Play} busy={attempt.isPending} className="self-start">
            Call {tool.renamed ?? tool.name}
          </Button>
        </form>
      </Card>
      <TriedResult tried={attempt.data} error={attempt.error} busy={attempt.isPending} />
    </>
  )
}
