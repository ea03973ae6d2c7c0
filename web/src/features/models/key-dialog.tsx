/** Replacing the key of a model: it is tried, then kept sealed. */
import { type FormEvent, useId, useState } from "react"
import { asProblem, problemWords } from "@/api/problem"
import type { ModelView } from "@/api/shapes"
import { Button } from "@/ui/button"
import { Dialog } from "@/ui/dialog"
import { Field } from "@/ui/field"
import { PasswordInput } from "@/ui/input"
import { toast } from "@/ui/toast"
import { useChangeModel } from "./queries"

export function KeyDialog({ model, onClose }: { model: ModelView; onClose: () => void }) {
  const [key, setKey] = useState("")
  const change = useChangeModel(model.model_id)
  const form_id = useId()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    change.mutate(
      { key: key.trim() },
      {
        onSuccess: () => {
          toast.done("The key is replaced")
          onClose()
        },
      },
    )
  }
  return (
    <Dialog
      open
      onOpen={onClose}
      dirty={key !== ""}
      title={`Key of ${model.title}`}
      words="The model is asked for one word with it; only then it takes the place of the old one."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            form={form_id}
            variant="primary"
            busy={change.isPending}
            disabled={key.trim() === ""}
          >
            Replace key
          </Button>
        </>
      }
    >
      <form id={form_id} onSubmit={submit} className="mt-4">
        <Field label="New key" error={change.error ? problemWords(asProblem(change.error)) : null}>
          <PasswordInput autoComplete="off" value={key} onChange={(event) => setKey(event.target.value)} />
        </Field>
      </form>
    </Dialog>
  )
}
