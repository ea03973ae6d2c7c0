/** Setting what a model costs, in USD a million tokens. */
import { type FormEvent, useId, useState } from "react"
import { asProblem, problemWords } from "@/api/problem"
import type { ModelView } from "@/api/shapes"
import { Button } from "@/ui/button"
import { Dialog } from "@/ui/dialog"
import { Field } from "@/ui/field"
import { Input } from "@/ui/input"
import { microsOf } from "./providers"
import { useChangeModel } from "./queries"

export function PriceDialog({ model, onClose }: { model: ModelView; onClose: () => void }) {
  const [input, setInput] = useState(shown(model.price?.input_micros_per_mtok))
  const [output, setOutput] = useState(shown(model.price?.output_micros_per_mtok))
  const [message, setMessage] = useState(shown(model.price?.per_message_micros ?? 0))
  const [touched, setTouched] = useState(false)
  const change = useChangeModel(model.model_id)
  const form_id = useId()
  const input_micros_per_mtok = microsOf(input)
  const output_micros_per_mtok = microsOf(output)
  const per_message_micros = microsOf(message || "0")
  const ready =
    input_micros_per_mtok !== null && output_micros_per_mtok !== null && per_message_micros !== null
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!ready) return
    const price = { input_micros_per_mtok, output_micros_per_mtok, per_message_micros }
    change.mutate({ price }, { onSuccess: onClose })
  }
  return (
    <Dialog
      open
      onOpen={onClose}
      dirty={touched}
      title={`Price of ${model.title}`}
      words="In USD. It holds from the next answer; what was charged before stays as it was."
      footer={
        <>
          {model.price?.source === "set" && (
            <Button
              variant="quiet"
              className="mr-auto"
              onClick={() => change.mutate({ price: null }, { onSuccess: onClose })}
            >
              Back to the list price
            </Button>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={form_id} variant="primary" busy={change.isPending} disabled={!ready}>
            Set price
          </Button>
        </>
      }
    >
      <form
        id={form_id}
        onSubmit={submit}
        onInput={() => setTouched(true)}
        className="mt-4 grid gap-4 sm:grid-cols-2"
      >
        <Field label="A million input tokens">
          <Input inputMode="decimal" value={input} onChange={(event) => setInput(event.target.value)} />
        </Field>
        <Field label="A million output tokens">
          <Input inputMode="decimal" value={output} onChange={(event) => setOutput(event.target.value)} />
        </Field>
        <Field label="A message" optional className="sm:col-span-2">
          <Input inputMode="decimal" value={message} onChange={(event) => setMessage(event.target.value)} />
        </Field>
        {change.error && (
          <p role="alert" className="text-bad sm:col-span-2">
            {problemWords(asProblem(change.error))}
          </p>
        )}
      </form>
    </Dialog>
  )
}

function shown(micros: number | undefined): string {
  return micros === undefined ? "" : String(micros / 1_000_000)
}
