/** One grant: who, which server, which tools; the sentence below says what it means. */
import { useQuery } from "@tanstack/react-query"
import { type FormEvent, useId, useState } from "react"
import { usePersonSearch } from "@/api/person-search"
import { fieldError, formError } from "@/api/problem"
import { serversQuery } from "@/api/servers"
import type { GrantView, Subject } from "@/api/shapes"
import type { Role } from "@/api/types"
import { Button } from "@/ui/button"
import { Segmented } from "@/ui/choice"
import { Dialog } from "@/ui/dialog"
import { Field } from "@/ui/field"
import { Input, Textarea } from "@/ui/input"
import { Select } from "@/ui/select"
import type { Person } from "@/ui/user-chip"
import { UserPicker } from "@/ui/user-picker"
import { grantSentence, patternsOf } from "./patterns"
import { useSaveGrant } from "./queries"

interface GrantDialogProps {
  grant: GrantView | null
  server?: string
  person?: Person
  onClose: () => void
}

interface Draft {
  subject: Subject
  role: Role
  person: Person | null
  server: string
  allow: string
  deny: string
  name: string
}

export function GrantDialog({ grant, server, person, onClose }: GrantDialogProps) {
  const [before] = useState<Draft>(() => draftOf(grant, server, person))
  const [draft, setDraft] = useState(before)
  const save = useSaveGrant(grant?.grant_id ?? null)
  const form_id = useId()
  const allow = patternsOf(draft.allow)
  const deny = patternsOf(draft.deny)
  const ready =
    draft.server !== "" &&
    (draft.subject !== "user" || draft.person !== null) &&
    allow.length + deny.length > 0
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate(
      {
        subject: draft.subject,
        role: draft.subject === "role" ? draft.role : null,
        user_id: draft.subject === "user" ? (draft.person?.user_id ?? null) : null,
        server: draft.server,
        allow,
        deny,
        name: draft.name.trim() || null,
      },
      { onSuccess: onClose },
    )
  }
  const words = formError(save.error, ["allow", "deny", "name"])
  return (
    <Dialog
      open
      onOpen={onClose}
      dirty={draft !== before}
      title={grant ? `Edit grant "${grant.name}"` : "Grant access"}
      words="It holds from the next call, in chat and MCP alike."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={form_id} variant="primary" busy={save.isPending} disabled={!ready}>
            {grant ? "Save grant" : "Grant"}
          </Button>
        </>
      }
    >
      <form id={form_id} onSubmit={submit} className="mt-4 flex flex-col gap-4">
        {!person && <Who draft={draft} onChange={(change) => setDraft({ ...draft, ...change })} />}
        {!server && (
          <ServerField value={draft.server} onValue={(next) => setDraft({ ...draft, server: next })} />
        )}
        <Patterns draft={draft} error={save.error} onChange={(change) => setDraft({ ...draft, ...change })} />
        {ready && <Meaning draft={draft} allow={allow} deny={deny} />}
        {words && (
          <p role="alert" className="text-bad">
            {words}
          </p>
        )}
      </form>
    </Dialog>
  )
}

interface PartProps {
  draft: Draft
  onChange: (change: Partial<Draft>) => void
}

function Who({ draft, onChange }: PartProps) {
  const search = usePersonSearch()
  return (
    <div className="flex flex-col gap-2">
      <span className="font-medium text-xs">Who</span>
      <Segmented
        label="Who"
        value={draft.subject}
        onValue={(subject) => onChange({ subject })}
        options={[
          { value: "everyone", label: "Everyone" },
          { value: "role", label: "A role" },
          { value: "user", label: "A person" },
        ]}
        className="self-start"
      />
      {draft.subject === "role" && (
        <Select
          label="Role"
          value={draft.role}
          onValue={(role) => onChange({ role })}
          options={[
            { value: "member", label: "Member" },
            { value: "auditor", label: "Auditor" },
            { value: "admin", label: "Administrator" },
          ]}
        />
      )}
      {draft.subject === "user" && (
        <UserPicker
          {...search}
          label="Choose a person"
          value={draft.person}
          onValue={(person) => onChange({ person })}
          className="w-full"
        />
      )}
    </div>
  )
}

function ServerField({ value, onValue }: { value: string; onValue: (slug: string) => void }) {
  const { data = [] } = useQuery(serversQuery)
  return (
    <Field label="Server">
      <Select
        value={value}
        onValue={onValue}
        options={[
          { value: "*", label: "Every server", note: "Also those that are added later." },
          ...data.map((server) => ({ value: server.slug, label: server.title, note: server.slug })),
        ]}
      />
    </Field>
  )
}

function Patterns({ draft, error, onChange }: PartProps & { error: Error | null }) {
  return (
    <>
      <Field
        label="Tools allowed"
        help="Names or patterns such as get_*, parted by spaces. A star alone is everything; prompt:* and resource:* are prompts and resources."
        error={fieldError(error, "allow")}
      >
        <Textarea
          rows={2}
          maxRows={5}
          spellCheck={false}
          value={draft.allow}
          onChange={(event) => onChange({ allow: event.target.value })}
          className="font-mono text-xs"
        />
      </Field>
      <Field label="Tools denied" optional help="Wins over every grant." error={fieldError(error, "deny")}>
        <Textarea
          rows={1}
          maxRows={5}
          spellCheck={false}
          value={draft.deny}
          onChange={(event) => onChange({ deny: event.target.value })}
          className="font-mono text-xs"
        />
      </Field>
      <Field
        label="Name of the rule"
        optional
        help="Shown wherever this rule decides."
        error={fieldError(error, "name")}
      >
        <Input
          value={draft.name}
          maxLength={100}
          onChange={(event) => onChange({ name: event.target.value })}
        />
      </Field>
    </>
  )
}

function Meaning({ draft, allow, deny }: { draft: Draft; allow: string[]; deny: string[] }) {
  const user_email = draft.person?.email ?? null
  return (
    <p className="rounded border bg-sunken px-3 py-2 text-fg-2">
      {grantSentence({ ...draft, user_email, allow, deny })}
    </p>
  )
}

function draftOf(grant: GrantView | null, server: string | undefined, person: Person | undefined): Draft {
  if (!grant)
    return {
      subject: person ? "user" : "everyone",
      role: "member",
      person: person ?? null,
      server: server ?? "",
      allow: "*",
      deny: "",
      name: "",
    }
  const { subject, user_id, user_email } = grant
  return {
    subject,
    role: (grant.role as Role | null) ?? "member",
    person: user_id ? { user_id, name: null, email: user_email ?? user_id } : null,
    server: grant.server,
    allow: grant.allow.join(" "),
    deny: grant.deny.join(" "),
    name: grant.name,
  }
}
