/** Adding a real model in one step: provider, name, key; it is asked for one word before it is saved. */
import { type FormEvent, useId, useState } from "react"
import { fieldError, formError } from "@/api/problem"
import type { ModelCreate, RealProvider } from "@/api/shapes"
import { Button } from "@/ui/button"
import { Checkbox } from "@/ui/choice"
import { Dialog } from "@/ui/dialog"
import { Field } from "@/ui/field"
import { Input, PasswordInput } from "@/ui/input"
import { Select } from "@/ui/select"
import { toast } from "@/ui/toast"
import { TestOutcome } from "./model-card"
import { providers } from "./providers"
import { useAddModel, useTestModel } from "./queries"

interface Draft {
  provider: RealProvider
  name: string
  base_url: string
  key: string
  is_default: boolean
}

const provider_options = (Object.keys(providers) as RealProvider[]).map((value) => ({
  value,
  label: providers[value].title,
  note: providers[value].needs_url ? "Ollama, vLLM, LM Studio and others, by URL." : undefined,
}))

const empty_draft: Draft = { provider: "openai", name: "", base_url: "", key: "", is_default: true }

export function AddModelDialog({ onClose }: { onClose: () => void }) {
  const [draft, setDraft] = useState(empty_draft)
  const test = useTestModel()
  const add = useAddModel()
  const form_id = useId()
  const body = bodyOf(draft)
  const ready = body.name !== "" && (!providers[draft.provider].needs_url || draft.base_url.trim() !== "")
  const change = (next: Partial<Draft>) => {
    setDraft({ ...draft, ...next })
    if (test.data) test.reset()
  }
  const save = (force: boolean) => {
    test.reset()
    add.mutate(
      { body, force },
      {
        onSuccess: (model) => {
          toast.done(`${model.title} is added`)
          onClose()
        },
      },
    )
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save(false)
  }
  const failed = add.error ?? test.error
  const words = formError(failed, ["name", "base_url", "key"])
  return (
    <Dialog
      open
      onOpen={onClose}
      dirty={draft !== empty_draft}
      title="Add model"
      words="It is asked for one word before it is saved."
      footer={
        <>
          <Button
            disabled={!ready}
            busy={test.isPending}
            onClick={() => {
              add.reset()
              test.mutate(testOf(draft))
            }}
            className="mr-auto"
          >
            Test
          </Button>
          {add.error && (
            <Button disabled={!ready} onClick={() => save(true)}>
              Save anyway
            </Button>
          )}
          <Button type="submit" form={form_id} variant="primary" busy={add.isPending} disabled={!ready}>
            Add model
          </Button>
        </>
      }
    >
      <AddForm id={form_id} draft={draft} error={failed} onChange={change} onSubmit={submit} />
      {test.data && <TestOutcome test={test.data} />}
      {words && (
        <p role="alert" className="mt-3 rounded bg-bad-soft px-3 py-2">
          {words}
        </p>
      )}
    </Dialog>
  )
}

interface AddFormProps {
  id: string
  draft: Draft
  error: Error | null
  onChange: (change: Partial<Draft>) => void
  onSubmit: (event: FormEvent) => void
}

function AddForm({ id, draft, error, onChange, onSubmit }: AddFormProps) {
  const provider = providers[draft.provider]
  return (
    <form id={id} onSubmit={onSubmit} className="mt-4 flex flex-col gap-4">
      <Field label="Provider">
        <Select
          value={draft.provider}
          onValue={(next) => onChange({ provider: next })}
          options={provider_options}
        />
      </Field>
      {provider.needs_url && (
        <Field label="URL" help="Ollama: http://localhost:11434/v1" error={fieldError(error, "base_url")}>
          <Input
            type="url"
            required
            spellCheck={false}
            value={draft.base_url}
            onChange={(event) => onChange({ base_url: event.target.value })}
          />
        </Field>
      )}
      <Field label="Model" help="As the provider names it." error={fieldError(error, "name")}>
        <Input
          required
          spellCheck={false}
          placeholder={provider.example}
          value={draft.name}
          onChange={(event) => onChange({ name: event.target.value })}
        />
      </Field>
      <Field
        label="Key"
        optional={provider.needs_url}
        help={provider.key_help}
        error={fieldError(error, "key")}
      >
        <PasswordInput
          autoComplete="off"
          value={draft.key}
          onChange={(event) => onChange({ key: event.target.value })}
        />
      </Field>
      <Checkbox
        checked={draft.is_default}
        onChecked={(is_default) => onChange({ is_default })}
        label="Answer by default"
        help="People who chose no model get this one."
      />
    </form>
  )
}

function testOf({ provider, name, base_url, key }: Draft) {
  return {
    provider,
    name: name.trim(),
    ...(providers[provider].needs_url ? { base_url: base_url.trim() } : {}),
    ...(key.trim() ? { key: key.trim() } : {}),
  }
}

function bodyOf(draft: Draft): ModelCreate {
  return { ...testOf(draft), default: draft.is_default }
}
