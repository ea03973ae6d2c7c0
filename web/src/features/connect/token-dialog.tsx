/** Makes an access token and shows its secret once. */
import { type FormEvent, useState } from "react"
import { fieldError, formError } from "@/api/problem"
import type { TokenCreate } from "@/api/types"
import { Button } from "@/ui/button"
import { Checkbox } from "@/ui/choice"
import { CopyButton } from "@/ui/copy"
import { Dialog } from "@/ui/dialog"
import { Field } from "@/ui/field"
import { Input } from "@/ui/input"
import { Select } from "@/ui/select"
import { useCreateToken } from "./queries"
import { ServersField } from "./servers-field"

type Scope = TokenCreate["scopes"][number]

const scopes: { scope: Scope; label: string; help: string }[] = [
  { scope: "mcp", label: "MCP", help: "Tools, for IDEs and other MCP clients." },
  { scope: "api", label: "API", help: "Everything that these pages do, for scripts." },
  { scope: "chat", label: "Chat", help: "The chat socket." },
]

const lives = [
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "One year" },
  { value: "never", label: "Never" },
] as const

interface TokenDialogProps {
  /** What it is called at first. */
  name: string
  onSecret: (secret: string) => void
  onDone: () => void
}

export function TokenDialog({ name, onSecret, onDone }: TokenDialogProps) {
  const create = useCreateToken()
  const submit = (body: TokenCreate) => create.mutate(body, { onSuccess: ({ secret }) => onSecret(secret) })
  if (create.data)
    return <SecretDialog name={create.data.token.name} secret={create.data.secret} onDone={onDone} />
  return (
    <TokenForm
      first={name}
      busy={create.isPending}
      problem={create.error}
      onSubmit={submit}
      onCancel={onDone}
    />
  )
}

interface TokenFormProps {
  first: string
  busy: boolean
  problem: unknown
  onSubmit: (body: TokenCreate) => void
  onCancel: () => void
}

function TokenForm({ first, busy, problem, onSubmit, onCancel }: TokenFormProps) {
  const [name, setName] = useState(first)
  const [chosen, setChosen] = useState<readonly Scope[]>(["mcp"])
  const [servers, setServers] = useState<string[]>([])
  const [life, setLife] = useState<(typeof lives)[number]["value"]>("90")
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const expires_in_days = life === "never" ? null : Number(life)
    const limit = servers.length > 0 ? servers : null
    onSubmit({ name: name.trim(), scopes: [...chosen], expires_in_days, servers: limit })
  }
  const error = formError(problem, ["name", "scopes", "expires_in_days"])
  return (
    <Dialog
      open
      onOpen={(open) => !open && onCancel()}
      title="New access token"
      footer={
        <>
          <Button onClick={onCancel}>Cancel</Button>
          <Button
            type="submit"
            form="new-token"
            variant="primary"
            busy={busy}
            disabled={!name.trim() || chosen.length === 0}
          >
            Create token
          </Button>
        </>
      }
    >
      <form id="new-token" onSubmit={submit} className="mt-3 flex flex-col gap-4">
        <Field
          label="Name"
          help="Where you will use it, for example: laptop."
          error={fieldError(problem, "name")}
        >
          <Input value={name} maxLength={100} onChange={(event) => setName(event.target.value)} />
        </Field>
        <Doors chosen={chosen} onChosen={setChosen} />
        <ServersField servers={servers} onServers={setServers} />
        <Field label="Expires" error={fieldError(problem, "expires_in_days")}>
          <Select value={life} onValue={setLife} options={lives} />
        </Field>
        {error && (
          <p role="alert" className="text-bad">
            {error}
          </p>
        )}
      </form>
    </Dialog>
  )
}

function Doors({
  chosen,
  onChosen,
}: {
  chosen: readonly Scope[]
  onChosen: (scopes: readonly Scope[]) => void
}) {
  const toggle = (scope: Scope, on: boolean) =>
    onChosen(on ? [...chosen, scope] : chosen.filter((one) => one !== scope))
  return (
    <fieldset className="flex flex-col gap-2.5">
      <legend className="mb-2 font-medium text-xs">Opens</legend>
      {scopes.map(({ scope, label, help }) => (
        <Checkbox
          key={scope}
          checked={chosen.includes(scope)}
          onChecked={(on) => toggle(scope, on)}
          label={label}
          help={help}
        />
      ))}
    </fieldset>
  )
}

function SecretDialog({ name, secret, onDone }: { name: string; secret: string; onDone: () => void }) {
  return (
    <Dialog
      open
      onOpen={(open) => !open && onDone()}
      title={`Token "${name}"`}
      words="This is the only time it is shown: omni2 keeps a hash of it, not the token. Copy it now."
      footer={
        <Button variant="primary" onClick={onDone}>
          I have copied it
        </Button>
      }
    >
      <div className="mt-3 flex items-center gap-1 rounded border bg-sunken py-1.5 pr-1.5 pl-3">
        <code className="min-w-0 flex-1 break-all text-xs">{secret}</code>
        <CopyButton value={secret} label="Copy token" />
      </div>
    </Dialog>
  )
}
