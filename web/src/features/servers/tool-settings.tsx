/** What an administrator chooses for a tool: labels, name, words, price. */
import { type FormEvent, useState } from "react"
import { useMe } from "@/api/me"
import { fieldError, formError } from "@/api/problem"
import type { ToolLabel, ToolView } from "@/api/shapes"
import { Button } from "@/ui/button"
import { Checkbox } from "@/ui/choice"
import { Field } from "@/ui/field"
import { Input, Textarea } from "@/ui/input"
import { toast } from "@/ui/toast"
import { useUnsaved } from "@/ui/unsaved"
import { label_names, labels } from "./tool-badges"
import { type Chosen, chosenOf, nameIsValid, patchOf, priceIsValid } from "./tool-choice"
import { useSaveTool } from "./tool-queries"

const fields = ["renamed", "shown_title", "shown_description", "price_micros"]

export function ToolSettings({ server_id, tool }: { server_id: string; tool: ToolView }) {
  const rate = useMe().credit_micros
  const [draft, setDraft] = useState<Chosen>(() => chosenOf(tool, rate))
  const save = useSaveTool(server_id, tool.name)
  const patch = patchOf(tool, draft, rate)
  const changed = Object.keys(patch).length > 0
  useUnsaved(changed)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate(patch, {
      onSuccess: (saved) => {
        setDraft(chosenOf(saved, rate))
        toast.done("Tool saved")
      },
    })
  }
  const words = formError(save.error, fields)
  return (
    <form onSubmit={submit} className="flex flex-col gap-4 rounded border bg-surface p-3">
      <h3 className="font-semibold text-sm">Settings of this tool</h3>
      <Labels chosen={draft.labels} onChosen={(next) => setDraft({ ...draft, labels: next })} />
      <WordFields tool={tool} draft={draft} error={save.error} onDraft={setDraft} />
      {words && (
        <p role="alert" className="text-bad">
          {words}
        </p>
      )}
      <Button
        type="submit"
        variant="primary"
        busy={save.isPending}
        disabled={!changed || !priceIsValid(draft) || !nameIsValid(draft)}
        className="self-start"
      >
        Save tool
      </Button>
    </form>
  )
}

interface WordFieldsProps {
  tool: ToolView
  draft: Chosen
  error: Error | null
  onDraft: (draft: Chosen) => void
}

function WordFields({ tool, draft, error, onDraft }: WordFieldsProps) {
  const set = (field: keyof Chosen) => (event: { target: { value: string } }) =>
    onDraft({ ...draft, [field]: event.target.value })
  const priceError = priceIsValid(draft) ? null : "Give a number of credits, or nothing."
  return (
    <div className="grid gap-4 sm:grid-cols-3">
      <Field
        label="Name instead"
        optional
        help="Letters, digits, _ and -."
        error={
          nameIsValid(draft) ? fieldError(error, "renamed") : "Use letters, digits, _ and -, at most 64."
        }
      >
        <Input
          spellCheck={false}
          maxLength={64}
          placeholder={tool.name}
          value={draft.renamed}
          onChange={set("renamed")}
          className="font-mono text-xs"
        />
      </Field>
      <Field label="Title instead" optional error={fieldError(error, "shown_title")}>
        <Input
          maxLength={200}
          placeholder={tool.title ?? ""}
          value={draft.shown_title}
          onChange={set("shown_title")}
        />
      </Field>
      <Field label="Credits a call" optional error={priceError ?? fieldError(error, "price_micros")}>
        <Input inputMode="decimal" placeholder="free" value={draft.price} onChange={set("price")} />
      </Field>
      <Field
        label="Description instead"
        optional
        help="What models read in its place."
        error={fieldError(error, "shown_description")}
        className="sm:col-span-3"
      >
        <Textarea
          rows={2}
          placeholder={tool.description}
          value={draft.shown_description}
          onChange={set("shown_description")}
        />
      </Field>
    </div>
  )
}

interface LabelsProps {
  chosen: readonly ToolLabel[]
  onChosen: (labels: ToolLabel[]) => void
}

function Labels({ chosen, onChosen }: LabelsProps) {
  return (
    <fieldset className="grid gap-3 sm:grid-cols-2">
      <legend className="mb-1.5 font-medium text-xs">What it does with data</legend>
      {label_names.map((name) => (
        <Checkbox
          key={name}
          checked={chosen.includes(name)}
          label={labels[name].words}
          help={labels[name].help}
          onChecked={(on) =>
            onChosen(label_names.filter((one) => (one === name ? on : chosen.includes(one))))
          }
        />
      ))}
    </fieldset>
  )
}
