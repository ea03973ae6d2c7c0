/** Models: which one answers, where their keys come from, and what they cost. */
import { useQuery } from "@tanstack/react-query"
import { getRouteApi, useNavigate } from "@tanstack/react-router"
import { Plus, Sparkles } from "lucide-react"
import { may, useMe } from "@/api/me"
import { errorState } from "@/api/pages"
import type { ModelView } from "@/api/shapes"
import { Button } from "@/ui/button"
import { Page } from "@/ui/page"
import { EmptyState, ErrorState, Skeleton } from "@/ui/states"
import { AddModelDialog } from "./add-dialog"
import { ModelCard } from "./model-card"
import { modelsQuery } from "./queries"

const route = getRouteApi("/shell/admin/models")

export function ModelsPage() {
  const { add } = route.useSearch()
  const navigate = useNavigate({ from: "/admin/models" })
  const query = useQuery(modelsQuery)
  const manage = may(useMe(), "models.manage")
  const adding = (on: boolean) => void navigate({ search: on ? { add: true } : {}, replace: true })
  const error = errorState(query)
  return (
    <Page
      title="Models"
      words="Which model answers in chat, and what it costs."
      className="max-w-[1000px]"
      actions={
        manage && (
          <Button variant="primary" icon={Plus} onClick={() => adding(true)}>
            Add model
          </Button>
        )
      }
    >
      {query.data ? (
        <Models models={query.data} manage={manage} onAdd={() => adding(true)} />
      ) : error ? (
        <ErrorState {...error} />
      ) : (
        <div aria-busy="true" className="flex flex-col gap-3">
          <Skeleton className="h-28" />
          <Skeleton className="h-28" />
        </div>
      )}
      {add && manage && <AddModelDialog onClose={() => adding(false)} />}
    </Page>
  )
}

interface ModelsProps {
  models: readonly ModelView[]
  manage: boolean
  onAdd: () => void
}

function Models({ models, manage, onAdd }: ModelsProps) {
  if (models.length === 0)
    return (
      <EmptyState icon={Sparkles} title="No model yet" words="Chat answers as soon as one is added.">
        {manage && <Button onClick={onAdd}>Add model</Button>}
      </EmptyState>
    )
  const sorted = models.toSorted((a, b) => Number(b.is_default) - Number(a.is_default))
  return (
    <>
      {models.every((model) => model.demo) && manage && <OnlyDemo onAdd={onAdd} />}
      <ul className="flex flex-col gap-3">
        {sorted.map((model) => (
          <li key={model.model_id}>
            <ModelCard model={model} manage={manage} />
          </li>
        ))}
      </ul>
    </>
  )
}

function OnlyDemo({ onAdd }: { onAdd: () => void }) {
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded border bg-info-soft px-3 py-2">
      <p className="min-w-0 flex-1 basis-64">
        <span className="font-medium">Only the demo model answers.</span>{" "}
        <span className="text-fg-2">
          It follows rules and really calls tools, but it is not an LLM. A real one needs one step.
        </span>
      </p>
      <Button onClick={onAdd}>Add a real model</Button>
    </div>
  )
}
