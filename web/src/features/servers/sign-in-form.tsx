/** The plan of a server's sign-in: who signs in, and as which client omni2 is known there. */
import { type FormEvent, useState } from "react"
import { fieldError, formError } from "@/api/problem"
import type { ServerView } from "@/api/shapes"
import { type SignInMode, type SignInPlan, type SignInPut, usePlanSignIn } from "@/api/sign-ins"
import { Button } from "@/ui/button"
import { CopyButton } from "@/ui/copy"
import { Field } from "@/ui/field"
import { Input, PasswordInput } from "@/ui/input"
import { Select } from "@/ui/select"
import { toast } from "@/ui/toast"
import { useUnsaved } from "@/ui/unsaved"

interface Draft {
  mode: SignInMode
  client_id: string
  client_secret: string
  scopes: string
}

export const sign_in_modes = [
  { value: "none", label: "No sign-in" },
  { value: "shared", label: "One account for all" },
  { value: "per_user", label: "Each person's own account" },
] as const

export function SignInForm({ server, plan }: { server: ServerView; plan: SignInPlan }) {
  const [draft, setDraft] = useState<Draft>(() => draftOf(plan))
  const save = usePlanSignIn(server.server_id)
  const changed = JSON.stringify(draft) !== JSON.stringify(draftOf(plan))
  useUnsaved(changed)
  const set = (field: keyof Draft) => (event: { target: { value: string } }) =>
    setDraft({ ...draft, [field]: event.target.value })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate(putOf(draft), {
      onSuccess: (saved) => {
        setDraft(draftOf(saved))
        toast.done("Sign-in saved")
      },
    })
  }
  const words = formError(save.error, ["client_id", "client_secret", "scopes"])
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Field label="Who signs in" error={fieldError(save.error, "mode")}>
        <Select value={draft.mode} onValue={(mode) => setDraft({ ...draft, mode })} options={sign_in_modes} />
      </Field>
      {draft.mode !== "none" && (
        <>
          <Field
            label="Client id"
            optional
            help="Leave it empty where the server lets programs introduce themselves."
            error={fieldError(save.error, "client_id")}
          >
            <Input spellCheck={false} value={draft.client_id} onChange={set("client_id")} />
          </Field>
          <Field
            label="Client secret"
            optional
            help={plan.has_secret ? "One is stored; a new one replaces it." : "Kept sealed; never shown."}
            error={fieldError(save.error, "client_secret")}
          >
            <PasswordInput autoComplete="off" value={draft.client_secret} onChange={set("client_secret")} />
          </Field>
          <Field
            label="Scopes"
            optional
            help="With spaces between them; empty is what the server asks for."
            error={fieldError(save.error, "scopes")}
          >
            <Input spellCheck={false} value={draft.scopes} onChange={set("scopes")} />
          </Field>
          <Redirect uri={plan.redirect_uri} />
        </>
      )}
      {words && (
        <p role="alert" className="break-words text-bad">
          {words}
        </p>
      )}
      <Button
        type="submit"
        variant={changed ? "primary" : "secondary"}
        busy={save.isPending}
        disabled={!changed}
        className="self-start"
      >
        Save sign-in
      </Button>
    </form>
  )
}

function Redirect({ uri }: { uri: string }) {
  return (
    <div className="min-w-0">
      <p className="font-medium text-xs">Redirect address, to register there</p>
      <p className="flex items-center gap-1">
        <code className="min-w-0 flex-1 break-all text-xs">{uri}</code>
        <CopyButton value={uri} label="Copy redirect address" />
      </p>
    </div>
  )
}

function draftOf(plan: SignInPlan): Draft {
  const given = plan.client_kind === "given"
  return {
    mode: plan.mode,
    client_id: given ? (plan.client_id ?? "") : "",
    client_secret: "",
    scopes: plan.scopes ?? "",
  }
}

function putOf(draft: Draft): SignInPut {
  const client_id = draft.client_id.trim()
  const client_secret = draft.client_secret.trim()
  return {
    mode: draft.mode,
    ...(client_id ? { client_id } : {}),
    ...(client_id && client_secret ? { client_secret } : {}),
    ...(draft.scopes.trim() ? { scopes: draft.scopes.trim() } : {}),
  }
}
