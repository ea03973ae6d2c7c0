/** One model: whether it answers by default, its key, its price, and what can be done with it. */
import { CircleCheck, CircleX, Star } from "lucide-react"
import { useState } from "react"
import type { ModelTestView, ModelView } from "@/api/shapes"
import { duration } from "@/lib/time"
import { Badge } from "@/ui/badge"
import { Button } from "@/ui/button"
import { Fact, Facts } from "@/ui/card"
import { Switch } from "@/ui/choice"
import { ConfirmDialog } from "@/ui/dialog"
import { Icon } from "@/ui/icon"
import { Menu, MenuContent, MenuItem, MenuSeparator, MenuTrigger } from "@/ui/menu"
import { Time } from "@/ui/time"
import { KeyDialog } from "./key-dialog"
import { PriceDialog } from "./price-dialog"
import { priceWords } from "./providers"
import { refused, useChangeModel, useDeleteModel, useTestStored } from "./queries"

const sources = { demo: "demo price", list: "list price", set: "set here", unpriced: "" }

export function ModelCard({ model, manage }: { model: ModelView; manage: boolean }) {
  const test = useTestStored(model.model_id)
  const change = useChangeModel(model.model_id)
  return (
    <section aria-label={model.title} className="rounded border bg-surface p-4">
      <header className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-2">
        <div className="flex min-w-0 flex-1 basis-56 flex-wrap items-center gap-2">
          <h2 className="truncate font-semibold text-lg">{model.title}</h2>
          {model.is_default && (
            <Badge tone="accent" icon={Star}>
              Answers by default
            </Badge>
          )}
          {model.demo && (
            <Badge tone="info">{model.title.includes("not an LLM") ? "Demo" : "Rules, not an LLM"}</Badge>
          )}
          {!model.enabled && <Badge>Off</Badge>}
        </div>
        {manage && (
          <div className="flex items-center gap-2">
            <Button busy={test.isPending} onClick={() => test.mutate()}>
              Test
            </Button>
            <ModelMenu model={model} />
            <Switch
              label={`Offer ${model.title}`}
              hideLabel
              checked={model.enabled}
              disabled={change.isPending}
              onChecked={(enabled) => change.mutate({ enabled }, { onError: refused })}
            />
          </div>
        )}
      </header>
      <Facts>
        <Fact label="Provider">
          {model.provider_title} <code className="text-fg-2 text-xs">{model.name}</code>
        </Fact>
        {model.base_url && !model.provider_title.includes(model.base_url) && (
          <Fact label="Address">
            <code className="break-all text-xs">{model.base_url}</code>
          </Fact>
        )}
        {!model.demo && (
          <Fact label="Key">
            <KeyWords model={model} />
          </Fact>
        )}
        <Fact label="Price">
          <Price model={model} />
        </Fact>
      </Facts>
      {test.data && <TestOutcome test={test.data} />}
    </section>
  )
}

function Price({ model }: { model: ModelView }) {
  const words = priceWords(model.price)
  if (words === "Unpriced")
    return (
      <span className="text-warn">Unpriced: counted at the fallback price until a price is set here</span>
    )
  return (
    <span className="tabular">
      {words} <span className="text-fg-3">({sources[model.price?.source ?? "unpriced"]})</span>
    </span>
  )
}

function KeyWords({ model }: { model: ModelView }) {
  const { source, set_at, set_by } = model.key
  if (source === "environment") return "From the environment of the server"
  if (source === "none") return <span className="text-fg-2">None</span>
  return (
    <>
      Set <Time at={set_at} />
      {set_by && ` by ${set_by}`}; never shown
    </>
  )
}

export function TestOutcome({ test }: { test: ModelTestView }) {
  return (
    <p
      role="status"
      className={`mt-3 flex items-start gap-2 rounded px-3 py-2 ${test.ok ? "bg-ok-soft" : "bg-bad-soft"}`}
    >
      <Icon of={test.ok ? CircleCheck : CircleX} className={test.ok ? "mt-0.5 text-ok" : "mt-0.5 text-bad"} />
      <span className="min-w-0 break-words">
        {test.ok
          ? `It answers${test.latency_ms === null ? "" : ` in ${duration(test.latency_ms)}`}.`
          : (test.detail ?? "It did not answer.")}
      </span>
    </p>
  )
}

function ModelMenu({ model }: { model: ModelView }) {
  const [asking, setAsking] = useState<"key" | "price" | "remove" | null>(null)
  const change = useChangeModel(model.model_id)
  const remove = useDeleteModel()
  const close = () => setAsking(null)
  return (
    <>
      <Menu>
        <MenuTrigger asChild>
          <Button>Manage</Button>
        </MenuTrigger>
        <MenuContent align="end">
          {!model.is_default && (
            <MenuItem
              disabled={!model.enabled}
              onSelect={() => change.mutate({ is_default: true }, { onError: refused })}
            >
              Answer by default
            </MenuItem>
          )}
          {!model.demo && <MenuItem onSelect={() => setAsking("key")}>Replace key</MenuItem>}
          <MenuItem onSelect={() => setAsking("price")}>Set price</MenuItem>
          <MenuSeparator />
          <MenuItem danger onSelect={() => setAsking("remove")}>
            Remove
          </MenuItem>
        </MenuContent>
      </Menu>
      {asking === "key" && <KeyDialog model={model} onClose={close} />}
      {asking === "price" && <PriceDialog model={model} onClose={close} />}
      {asking === "remove" && (
        <ConfirmDialog
          open
          onOpen={close}
          title={`Remove ${model.title}`}
          words={
            model.is_default
              ? "It answers by default now. Chat refuses questions until another model does."
              : "Conversations that used it stay; their next question goes to the default model."
          }
          verb="Remove model"
          onConfirm={() => remove.mutateAsync(model.model_id).then(close, () => undefined)}
        />
      )}
    </>
  )
}
