/** A virtual server being made or changed: its title, and its tools with their bare names. */
import { type FormEvent, useId, useState } from "react"
import { fieldError, formError } from "@/api/problem"
import type { VirtualView } from "@/api/shapes"
import { plural } from "@/lib/format"
import { Button } from "@/ui/button"
import { Dialog } from "@/ui/dialog"
import { Field } from "@/ui/field"
import { Input } from "@/ui/input"
import { toast } from "@/ui/toast"
import { bodyOf, draftOf, isReady, type VirtualDraft } from "./virtual-choice"
import { PickedTools } from "./virtual-picked"
import { ToolPicker } from "./virtual-picker"
import { useChangeVirtual, useCreateVirtual } from "./virtual-queries"

interface VirtualDialogProps {
  server: VirtualView | null
  onClose: () => void
}

export function VirtualDialog({ server, onClose }: VirtualDialogProps) {
  const form_id = useId()
  const [before] = useState(() => draftOf(server))
  const [draft, setDraft] = useState<VirtualDraft>(before)
  const change = (next: Partial<VirtualDraft>) => setDraft({ ...draft, ...next })
  const { save, pending, error } = useSaveVirtual(server, onClose)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save(draft)
  }
  const words = fieldError(error, "tools") ?? formError(error, ["title", "description", "tools"])
  const dirty = draft !== before
  return (
    <Dialog
      open
      wide
      dirty={dirty}
      onOpen={onClose}
      title={server ? `Edit ${server.title}` : "Add virtual server"}
      footer={
        <>
          <span className="mr-auto text-fg-2">{plural(draft.picked.length, "tool")} chosen</span>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            form={form_id}
            variant="primary"
            busy={pending}
            disabled={!dirty || !isReady(draft)}
          >
            {server ? "Save" : "Add virtual server"}
          </Button>
        </>
      }
    >
      <form id={form_id} onSubmit={submit} className="mt-2 flex flex-col gap-4">
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Title" error={fieldError(error, "title")}>
            <Input
              required
              maxLength={100}
              value={draft.title}
              onChange={(event) => change({ title: event.target.value })}
            />
          </Field>
          <Field label="Description" optional error={fieldError(error, "description")}>
            <Input
              maxLength={2000}
              value={draft.description}
              onChange={(event) => change({ description: event.target.value })}
            />
          </Field>
        </div>
        {words && (
          <p role="alert" className="rounded bg-bad-soft px-3 py-2">
            {words}
          </p>
        )}
        <div className="grid gap-4 md:grid-cols-2">
          <ToolPicker picked={draft.picked} onPicked={(picked) => change({ picked })} />
          <PickedTools picked={draft.picked} onPicked={(picked) => change({ picked })} />
        </div>
      </form>
    </Dialog>
  )
}

function useSaveVirtual(server: VirtualView | null, onClose: () => void) {
  const create = useCreateVirtual()
  const change = useChangeVirtual()
  const onSuccess = (saved: VirtualView) => {
    toast.done(server ? "Virtual server saved" : `${saved.title} is at ${saved.path}`)
    onClose()
  }
  const save = (draft: VirtualDraft) => {
    if (server) change.mutate({ server_id: server.server_id, patch: bodyOf(draft) }, { onSuccess })
    else create.mutate(bodyOf(draft), { onSuccess })
  }
  return { save, pending: create.isPending || change.isPending, error: create.error ?? change.error }
}
