/** How a server is reached and how far it may go; credentials only go in. And its removal. */
import { useNavigate } from "@tanstack/react-router"
import { Trash2 } from "lucide-react"
import { type FormEvent, useState } from "react"
import { may, useMe } from "@/api/me"
import { fieldError, formError } from "@/api/problem"
import type { ServerView } from "@/api/shapes"
import { plural } from "@/lib/format"
import { Button } from "@/ui/button"
import { Card } from "@/ui/card"
import { ConfirmDialog } from "@/ui/dialog"
import { Field } from "@/ui/field"
import { Input, PasswordInput } from "@/ui/input"
import { Select } from "@/ui/select"
import { Time } from "@/ui/time"
import { toast } from "@/ui/toast"
import { forgetUnsaved, useUnsaved } from "@/ui/unsaved"
import { CredentialsCard } from "./credentials-card"
import { useChangeServer, useDeleteServer } from "./queries"
import { caughtUp, patchOf, type Settings, settingsOf } from "./settings"
import { SignInCard } from "./sign-in-card"

export function SettingsTab({ server }: { server: ServerView }) {
  const manage = may(useMe(), "servers.manage")
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
      <Reach server={server} manage={manage} />
      {manage && (
        <div className="flex flex-col gap-4">
          {server.transport !== "stdio" && !server.demo && <SignInCard server={server} />}
          {server.has_credentials && <CredentialsCard server={server} />}
          <Removal server={server} />
        </div>
      )}
    </div>
  )
}

function Reach({ server, manage }: { server: ServerView; manage: boolean }) {
  const [draft, setDraft] = useState<Settings>(() => settingsOf(server))
  const change = useChangeServer(server.server_id)
  const patch = patchOf(server, draft)
  useUnsaved(manage && Object.keys(patch).length > 0)
  const set = (field: keyof Settings) => (event: { target: { value: string } }) =>
    setDraft({ ...draft, [field]: event.target.value })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    change.mutate(patch, {
      onSuccess: (saved) => {
        setDraft((now) => caughtUp(now, draft, settingsOf(saved)))
        toast.done("Settings saved")
      },
    })
  }
  const http = server.transport !== "stdio"
  const words = formError(change.error, ["title", "url", "command", "bearer", "timeout_ms", "concurrency"])
  return (
    <Card title="Settings">
      <form onSubmit={submit}>
        <fieldset disabled={!manage} className="grid gap-4 sm:grid-cols-2">
          <Field label="Title" error={fieldError(change.error, "title")} className="sm:col-span-2">
            <Input required value={draft.title} onChange={set("title")} />
          </Field>
          <Field
            label={http ? "URL" : "Command"}
            help="A new way is tried before it is saved."
            error={fieldError(change.error, http ? "url" : "command")}
            className="sm:col-span-2"
          >
            <Input required spellCheck={false} value={draft.way} onChange={set("way")} />
          </Field>
          {http && server.sign_in === "none" && (
            <Field
              label="Bearer token"
              optional
              help={<CredentialNote server={server} />}
              error={fieldError(change.error, "bearer")}
              className="sm:col-span-2"
            >
              <PasswordInput autoComplete="off" value={draft.bearer} onChange={set("bearer")} />
            </Field>
          )}
          <Field label="Timeout in seconds" error={fieldError(change.error, "timeout_ms")}>
            <Input inputMode="decimal" value={draft.timeout_s} onChange={set("timeout_s")} />
          </Field>
          <Field label="Calls at a time" error={fieldError(change.error, "concurrency")}>
            <Input inputMode="numeric" value={draft.concurrency} onChange={set("concurrency")} />
          </Field>
          <PolicyFields draft={draft} onDraft={(change) => setDraft({ ...draft, ...change })} />
          {words && (
            <p role="alert" className="text-bad sm:col-span-2">
              {words}
            </p>
          )}
          <Button
            type="submit"
            variant="primary"
            busy={change.isPending}
            disabled={Object.keys(patch).length === 0}
            className="justify-self-start"
          >
            Save settings
          </Button>
        </fieldset>
      </form>
    </Card>
  )
}

interface PolicyFieldsProps {
  draft: Settings
  onDraft: (change: Partial<Settings>) => void
}

function PolicyFields({ draft, onDraft }: PolicyFieldsProps) {
  return (
    <>
      <Field label="Sessions" help="One for each person keeps apart what the server remembers.">
        <Select
          value={draft.isolation}
          onValue={(isolation) => onDraft({ isolation })}
          options={[
            { value: "shared", label: "Shared by all" },
            { value: "per_user", label: "One for each person" },
          ]}
        />
      </Field>
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

function CredentialNote({ server }: { server: ServerView }) {
  if (!server.has_credentials) return "None is stored."
  return (
    <>
      Set <Time at={server.credential_set_at} />; never shown. A new one replaces it.
    </>
  )
}

function Removal({ server }: { server: ServerView }) {
  const [asking, setAsking] = useState(false)
  const remove = useDeleteServer()
  const navigate = useNavigate()
  return (
    <Card title="Remove">
      <p className="mb-3 text-fg-2">Takes it away with its tools and grants. Flows that used it stay.</p>
      <Button icon={Trash2} onClick={() => setAsking(true)}>
        Remove server
      </Button>
      {asking && (
        <ConfirmDialog
          open
          onOpen={setAsking}
          title={`Remove ${server.title}`}
          words={`Removes ${server.title} with ${plural(server.tool_count, "tool")} and all its grants; its running calls end. Flows that used it stay.`}
          verb="Remove server"
          onConfirm={() =>
            remove.mutateAsync(server.server_id).then(
              () => {
                forgetUnsaved()
                void navigate({ to: "/admin/servers" })
              },
              () => undefined,
            )
          }
        />
      )}
    </Card>
  )
}
