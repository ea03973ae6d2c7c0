/** The fields of a new server. */
import type { FormEvent } from "react"
import { fieldError } from "@/api/problem"
import { Checkbox, Segmented } from "@/ui/choice"
import { Field } from "@/ui/field"
import { Input, PasswordInput, Textarea } from "@/ui/input"
import { Select } from "@/ui/select"
import { type Draft, titleFrom } from "./draft"
import { sign_in_modes } from "./sign-in-form"

interface AddServerFormProps {
  id: string
  draft: Draft
  error: Error | null
  onChange: (change: Partial<Draft>) => void
  onSubmit: (event: FormEvent) => void
}

export function AddServerForm({ id, draft, error, onChange, onSubmit }: AddServerFormProps) {
  /** The title follows the address until somebody types one. */
  const reach = (change: Partial<Draft>) =>
    onChange(draft.named ? change : { ...change, title: titleFrom({ ...draft, ...change }) })
  return (
    <form id={id} onSubmit={onSubmit} className="mt-4 grid gap-4 sm:grid-cols-2">
      <Segmented
        label="Reached by"
        value={draft.transport}
        onValue={(transport) => reach({ transport })}
        options={[
          { value: "http", label: "URL" },
          { value: "sse", label: "URL, older (SSE)" },
          { value: "stdio", label: "Command" },
        ]}
        className="justify-self-start sm:col-span-2"
      />
      {draft.transport !== "stdio" ? (
        <HttpFields draft={draft} error={error} onChange={reach} />
      ) : (
        <CommandFields draft={draft} error={error} onChange={reach} />
      )}
      <Field label="Title" error={fieldError(error, "title")}>
        <Input
          required
          value={draft.title}
          maxLength={100}
          onChange={(event) => onChange({ title: event.target.value, named: true })}
        />
      </Field>
      <Field label="Who may use it" help="Finer grants follow on its page.">
        <Select
          value={draft.grant}
          onValue={(grant) => onChange({ grant })}
          options={[
            { value: "nobody", label: "Nobody yet" },
            { value: "admins", label: "Administrators" },
            { value: "everyone", label: "Everyone" },
          ]}
        />
      </Field>
    </form>
  )
}

interface FieldsProps {
  draft: Draft
  error: Error | null
  onChange: (change: Partial<Draft>) => void
}

function HttpFields({ draft, error, onChange }: FieldsProps) {
  return (
    <>
      <Field label="URL" error={fieldError(error, "url")} className="sm:col-span-2">
        <Input
          inputMode="url"
          required
          placeholder="https://mcp.example.org/mcp"
          spellCheck={false}
          value={draft.url}
          onChange={(event) => onChange({ url: event.target.value })}
        />
      </Field>
      <Field
        label="Sign-in"
        help="With OAuth; done on its page, once it is added."
        error={fieldError(error, "sign_in")}
        className="sm:col-span-2"
      >
        <Select value={draft.sign_in} onValue={(sign_in) => onChange({ sign_in })} options={sign_in_modes} />
      </Field>
      {draft.sign_in === "none" && (
        <Field
          label="Bearer token"
          optional
          help="Kept sealed; never shown again."
          error={fieldError(error, "bearer")}
        >
          <PasswordInput
            autoComplete="off"
            value={draft.bearer}
            onChange={(event) => onChange({ bearer: event.target.value })}
          />
        </Field>
      )}
      <Field
        label="Headers"
        optional
        help="One a line, as Name: value. Kept sealed."
        error={fieldError(error, "headers")}
        className={draft.sign_in === "none" ? undefined : "sm:col-span-2"}
      >
        <Textarea
          rows={1}
          maxRows={5}
          spellCheck={false}
          value={draft.pairs}
          onChange={(event) => onChange({ pairs: event.target.value })}
          className="font-mono text-xs"
        />
      </Field>
      <div className="sm:col-span-2">
        <Checkbox
          checked={draft.allow_private}
          onChecked={(allow_private) => onChange({ allow_private })}
          label="It runs in our own network"
          help="Allows private and local addresses for this server."
        />
      </div>
    </>
  )
}

function CommandFields({ draft, error, onChange }: FieldsProps) {
  return (
    <>
      <Field
        label="Command"
        help="Runs on the machine of omni2, with its rights."
        error={fieldError(error, "command")}
        className="sm:col-span-2"
      >
        <Input
          required
          placeholder="uvx mcp-server-time"
          spellCheck={false}
          value={draft.command}
          onChange={(event) => onChange({ command: event.target.value })}
          className="font-mono text-xs"
        />
      </Field>
      <Field
        label="Environment"
        optional
        help="One a line, as NAME=value. Kept sealed; never shown again."
        error={fieldError(error, "env")}
        className="sm:col-span-2"
      >
        <Textarea
          rows={2}
          maxRows={6}
          spellCheck={false}
          value={draft.pairs}
          onChange={(event) => onChange({ pairs: event.target.value })}
          className="font-mono text-xs"
        />
      </Field>
    </>
  )
}
