/** Blocking a person: what it ends in figures, the words they will see, then the receipt. */
import { useQuery } from "@tanstack/react-query"
import { Ban } from "lucide-react"
import { type FormEvent, useId, useState } from "react"
import { errorState } from "@/api/pages"
import { asProblem, problemWords } from "@/api/problem"
import type { BlockOrder } from "@/api/shapes"
import type { BlockScope } from "@/api/types"
import { Button } from "@/ui/button"
import { Segmented } from "@/ui/choice"
import { Dialog } from "@/ui/dialog"
import { Field } from "@/ui/field"
import { Icon } from "@/ui/icon"
import { Input, Textarea } from "@/ui/input"
import { Skeleton } from "@/ui/states"
import type { Person } from "@/ui/user-chip"
import { Receipt } from "./block-receipt"
import { previewQuery, useBlock } from "./queries"
import { scopes } from "./words"

const usual_message = "Your access to omni2 is paused. Please contact your administrator."

export function BlockDialog({ person, onClose }: { person: Person; onClose: () => void }) {
  const [scope, setScope] = useState<BlockScope>("everywhere")
  const block = useBlock(person.user_id)
  const form_id = useId()
  const name = person.name || person.email
  if (block.data)
    return (
      <Dialog
        open
        onOpen={onClose}
        title={`${name} is blocked`}
        footer={
          <Button variant="primary" onClick={onClose}>
            Done
          </Button>
        }
      >
        <Receipt receipt={block.data} />
      </Dialog>
    )
  return (
    <Dialog
      open
      onOpen={onClose}
      title={`Block ${name}`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={form_id} variant="danger" icon={Ban} busy={block.isPending}>
            {scope === "everywhere"
              ? "Block everywhere"
              : scope === "chat"
                ? "Block in chat"
                : "Block in MCP"}
          </Button>
        </>
      }
    >
      <Consequence user_id={person.user_id} scope={scope} />
      {block.error && (
        <p role="alert" className="mt-3 rounded border border-bad/30 bg-bad-soft px-3 py-2">
          {problemWords(asProblem(block.error))}
        </p>
      )}
      <BlockForm id={form_id} scope={scope} onScope={setScope} onSubmit={block.mutate} />
    </Dialog>
  )
}

function Consequence({ user_id, scope }: { user_id: string; scope: BlockScope }) {
  const preview = useQuery(previewQuery(user_id, scope))
  const error = errorState(preview)
  return (
    <p aria-live="polite" className="mt-1 min-h-5 text-fg-2">
      {preview.data?.sentence ?? error?.words ?? <Skeleton className="h-4 w-72" />}
    </p>
  )
}

interface BlockFormProps {
  id: string
  scope: BlockScope
  onScope: (scope: BlockScope) => void
  onSubmit: (order: BlockOrder) => void
}

function BlockForm({ id, scope, onScope, onSubmit }: BlockFormProps) {
  const [reason, setReason] = useState("")
  const [message, setMessage] = useState(usual_message)
  const [until, setUntil] = useState("")
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const ends = until ? new Date(until).toISOString() : null
    onSubmit({ scope, reason: reason.trim(), message: message.trim(), until: ends })
  }
  return (
    <form id={id} onSubmit={submit} className="mt-4 flex flex-col gap-4">
      <div className="flex flex-col gap-1.5">
        <span className="font-medium text-xs">Where</span>
        <Segmented
          label="Where"
          value={scope}
          onValue={onScope}
          options={(Object.keys(scopes) as BlockScope[]).map((value) => ({ value, label: scopes[value] }))}
          className="self-start"
        />
      </div>
      <Field label="Reason" help="For administrators and auditors only.">
        <Textarea
          required
          rows={2}
          maxRows={4}
          maxLength={1000}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      </Field>
      <Field label="Message">
        <Textarea
          required
          rows={2}
          maxRows={5}
          maxLength={1000}
          value={message}
          onChange={(event) => setMessage(event.target.value)}
        />
      </Field>
      <MessagePreview message={message} />
      <Field
        label="Ends"
        optional
        help="In your time zone. Without an end it stands until somebody lifts it."
      >
        <Input
          type="datetime-local"
          value={until}
          onChange={(event) => setUntil(event.target.value)}
          className="sm:w-56"
        />
      </Field>
    </form>
  )
}

/** The page as the person will see it, small. */
function MessagePreview({ message }: { message: string }) {
  return (
    <figure aria-label="What they will see" className="rounded border bg-bg px-4 py-4 text-center">
      <figcaption className="mb-3 text-left text-2xs text-fg-3">What they will see</figcaption>
      <span className="mx-auto mb-2 grid size-8 place-items-center rounded border bg-surface text-fg-2">
        <Icon of={Ban} />
      </span>
      <p className="font-medium">Your access is paused</p>
      <p className="mx-auto mt-1 max-w-[44ch] whitespace-pre-wrap break-words text-fg-2">
        {message.trim() || "\u2026"}
      </p>
    </figure>
  )
}
