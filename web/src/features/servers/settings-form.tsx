/** How a server is reached and how far it may go; credentials only go in. */
import { type FormEvent, useState } from "react"
import { asProblem, fieldError, formError } from "@/api/problem"
import type { ServerView } from "@/api/shapes"
import { Button } from "@/ui/button"
import { Card } from "@/ui/card"
import { Checkbox } from "@/ui/choice"
import { Field } from "@/ui/field"
import { Input, PasswordInput, Textarea } from "@/ui/input"
import { Select } from "@/ui/select"
import { Time } from "@/ui/time"
import { toast } from "@/ui/toast"
import { useUnsaved } from "@/ui/unsaved"
import { useChangeServer } from "./queries"
import { caughtUp, patchOf, type Settings, settingsOf, wrongIn } from "./settings"

const fields = ["title", "url", "command", "bearer", "headers", "env", "timeout_ms", "concurrency"]

export function SettingsForm({ server, manage }: { server: ServerView; manage: boolean }) {
  const [draft, setDraft] = useState<Settings>(() => settingsOf(server))
  const change = useChangeServer(server.server_id)
  const patch = patchOf(server, draft)
  useUnsaved(manage && Object.keys(patch).length > 0)
  const save = (force: boolean) =>
    change.mutate(
      { ...patch, force },
      {
        onSuccess: (saved) => {
          setDraft((now) => caughtUp(now, draft, settingsOf(saved)))
          toast.done("Settings saved")
        },
      },
    )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save(false)
  }
  const wrong = Object.keys(wrongIn(draft)).length > 0
  const words = formError(change.error, fields)
  const parts = {
    server,
    draft,
    error: change.error,
    onDraft: (next: Partial<Settings>) => setDraft({ ...draft, ...next }),
  }
  return (
    <Card title="Settings">
      <form onSubmit={submit}>
        <fieldset disabled={!manage} className="grid gap-4 sm:grid-cols-2">
          <WayFields {...parts} />
          {manage && !server.demo && <CredentialFields {...parts} />}
          <PolicyFields {...parts} />
          {words && (
            <p role="alert" className="text-bad sm:col-span-2">
              {words}
            </p>
          )}
          <div className="flex flex-wrap gap-2 sm:col-span-2">
            <Button
              type="submit"
              variant="primary"
              busy={change.isPending}
              disabled={wrong || Object.keys(patch).length === 0}
            >
              Save settings
            </Button>
            {asksAgain(change.error) && (
              <Button disabled={change.isPending || wrong} onClick={() => save(true)}>
                Save anyway
              </Button>
            )}
          </div>
        </fieldset>
      </form>
    </Card>
  )
}

/** Whether the new way was tried and did not work: it may be right all the same. */
function asksAgain(error: Error | null): boolean {
  return error !== null && asProblem(error).code.startsWith("server_")
}

interface PartProps {
  server: ServerView
  draft: Settings
  error: Error | null
  onDraft: (change: Partial<Settings>) => void
}

function WayFields({ server, draft, error, onDraft }: PartProps) {
  const http = server.transport !== "stdio"
  return (
    <>
      <Field label="Title" error={fieldError(error, "title")} className="sm:col-span-2">
        <Input required value={draft.title} onChange={(event) => onDraft({ title: event.target.value })} />
      </Field>
      <Field
        label={http ? "URL" : "Command"}
        help="A new way is tried before it is saved."
        error={fieldError(error, http ? "url" : "command")}
        className="sm:col-span-2"
      >
        <Input
          required
          spellCheck={false}
          value={draft.way}
          onChange={(event) => onDraft({ way: event.target.value })}
        />
      </Field>
      {http && !server.demo && (
        <div className="sm:col-span-2">
          <Checkbox
            checked={draft.allow_private}
            onChecked={(allow_private) => onDraft({ allow_private })}
            label="It runs in our own network"
            help="Allows private and local addresses for this server."
          />
        </div>
      )}
    </>
  )
}

function CredentialFields({ server, draft, error, onDraft }: PartProps) {
  const http = server.transport !== "stdio"
  const bearer = http && server.sign_in === "none"
  return (
    <>
      {bearer && (
        <Field
          label="Bearer token"
          optional
          help={<CredentialNote server={server} />}
          error={fieldError(error, "bearer")}
        >
          <PasswordInput
            autoComplete="off"
            value={draft.bearer}
            onChange={(event) => onDraft({ bearer: event.target.value })}
          />
        </Field>
      )}
      <Field
        label={http ? "Headers" : "Environment"}
        optional
        help={`One a line, as ${http ? "Name: value" : "NAME=value"}; never shown. They take the place of all that is stored.`}
        error={fieldError(error, http ? "headers" : "env")}
        className={bearer ? undefined : "sm:col-span-2"}
      >
        <Textarea
          rows={1}
          maxRows={6}
          spellCheck={false}
          value={draft.pairs}
          onChange={(event) => onDraft({ pairs: event.target.value })}
          className="font-mono text-xs"
        />
      </Field>
    </>
  )
}

function CredentialNote({ server }: { server: ServerView }) {
  if (!server.has_credentials) return "None is stored."
  return (
    <>
      Set <Time at={server.credential_set_at} />; never shown. A new one replaces it.
    </>
  )
}

function PolicyFields({ server, draft, error, onDraft }: PartProps) {
  const wrong = wrongIn(draft)
  return (
    <>
      <Field label="Timeout in seconds" error={wrong.timeout_s ?? fieldError(error, "timeout_ms")}>
        <Input
          inputMode="decimal"
          value={draft.timeout_s}
          onChange={(event) => onDraft({ timeout_s: event.target.value })}
        />
      </Field>
      <Field label="Calls at a time" error={wrong.concurrency ?? fieldError(error, "concurrency")}>
        <Input
          inputMode="numeric"
          value={draft.concurrency}
          onChange={(event) => onDraft({ concurrency: event.target.value })}
        />
      </Field>
      <Sessions server={server} draft={draft} onDraft={onDraft} />
      <Field label="New tools" help="Changed definitions always wait for approval.">
        <Select
          value={draft.new_tools}
          onValue={(new_tools) => onDraft({ new_tools })}
          options={[
            { value: "allow", label: "Offered at once" },
            { value: "hold", label: "Wait for approval" },
          ]}
        />
      </Field>
    </>
  )
}

function Sessions({ server, draft, onDraft }: Omit<PartProps, "error">) {
  const own_account = server.sign_in === "per_user"
  return (
    <Field
      label="Sessions"
      help={
        own_account
          ? "Each person uses their own account there, so nothing is shared."
          : "One for each person keeps apart what the server remembers."
      }
    >
      <Select
        value={own_account ? "per_user" : draft.isolation}
        disabled={own_account}
        onValue={(isolation) => onDraft({ isolation })}
        options={[
          { value: "shared", label: "Shared by all" },
          { value: "per_user", label: "One for each person" },
        ]}
      />
    </Field>
  )
}
