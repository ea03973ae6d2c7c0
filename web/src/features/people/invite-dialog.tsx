/** Inviting a person: e-mail, name, role; then the one-time link, shown this once. */
import { type FormEvent, useId, useState } from "react"
import { fieldError, formError } from "@/api/problem"
import type { LinkCreated } from "@/api/shapes"
import type { Role } from "@/api/types"
import { plural } from "@/lib/format"
import { Button } from "@/ui/button"
import { CopyButton } from "@/ui/copy"
import { Dialog } from "@/ui/dialog"
import { Field } from "@/ui/field"
import { useFocusOnArrival } from "@/ui/focus"
import { Input } from "@/ui/input"
import { Select } from "@/ui/select"
import { Time } from "@/ui/time"
import { useInvite } from "./queries"
import { role_options } from "./words"

export function InviteDialog({ onClose }: { onClose: () => void }) {
  const invite = useInvite()
  const [typed, setTyped] = useState(false)
  const form_id = useId()
  if (invite.data)
    return (
      <LinkDialog
        title={`${invite.data.user.email} is invited`}
        words="Send them this link. They choose their password with it."
        created={invite.data}
        onClose={onClose}
      />
    )
  return (
    <Dialog
      open
      onOpen={onClose}
      dirty={typed}
      title="Invite person"
      words="omni2 sends no e-mail: you get a one-time link to pass on."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={form_id} variant="primary" busy={invite.isPending}>
            Invite
          </Button>
        </>
      }
    >
      <InviteForm id={form_id} error={invite.error} onSubmit={invite.mutate} onType={() => setTyped(true)} />
    </Dialog>
  )
}

interface InviteFormProps {
  id: string
  error: Error | null
  onSubmit: (invitation: { email: string; name?: string; role: Role }) => void
  onType: () => void
}

function InviteForm({ id, error, onSubmit, onType }: InviteFormProps) {
  const [email, setEmail] = useState("")
  const [name, setName] = useState("")
  const [role, setRole] = useState<Role>("member")
  const first = useFocusOnArrival<HTMLInputElement>()
  const words = formError(error, ["email", "name", "role"])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onSubmit({ email: email.trim(), role, ...(name.trim() ? { name: name.trim() } : {}) })
  }
  return (
    <form id={id} onSubmit={submit} onInput={onType} className="mt-4 flex flex-col gap-4">
      <Field label="E-mail" error={fieldError(error, "email") ?? words}>
        <Input
          ref={first}
          type="email"
          required
          autoComplete="off"
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
      </Field>
      <Field label="Name" optional error={fieldError(error, "name")}>
        <Input value={name} autoComplete="off" onChange={(event) => setName(event.target.value)} />
      </Field>
      <Field label="Role" error={fieldError(error, "role")}>
        <Select value={role} onValue={setRole} options={role_options} />
      </Field>
    </form>
  )
}

interface LinkDialogProps {
  title: string
  words: string
  created: LinkCreated
  onClose: () => void
}

export function LinkDialog({ title, words, created, onClose }: LinkDialogProps) {
  return (
    <Dialog
      open
      onOpen={onClose}
      title={title}
      words={words}
      footer={
        <Button variant="primary" onClick={onClose}>
          Done
        </Button>
      }
    >
      <div className="mt-4 flex items-center gap-1 rounded border bg-sunken py-1 pr-1 pl-2.5">
        <code className="min-w-0 flex-1 break-all py-1 text-xs">{created.link}</code>
        <CopyButton value={created.link} label="Copy link" className="size-8" />
      </div>
      <p className="mt-2 text-fg-2 text-xs">
        Shown this once, works once, and ends <Time at={created.expires_at} />. An older link of this person
        no longer works.
      </p>
      <Ended created={created} />
    </Dialog>
  )
}

/** What a password reset has ended, tokens by their names. */
function Ended({ created }: { created: LinkCreated }) {
  const { sessions_ended, tokens_revoked = [] } = created
  if (sessions_ended === 0 && tokens_revoked.length === 0) return null
  const revoked =
    tokens_revoked.length > 0 ? `Revoked: ${tokens_revoked.join(", ")}.` : "No access token was left."
  return (
    <p className="mt-2 text-fg-2 text-xs">
      {plural(sessions_ended, "session")} ended. {revoked}
    </p>
  )
}
