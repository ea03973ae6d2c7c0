/** Name, e-mail where it is not fixed, and a password with a hint. */
import { useMutation, useQueryClient } from "@tanstack/react-query"
import { useRouter } from "@tanstack/react-router"
import { type FormEvent, useState } from "react"
import { api } from "@/api/client"
import { keys } from "@/api/keys"
import { fieldError, formError } from "@/api/problem"
import { clearSession, markSignedIn } from "@/api/session"
import type { LinkView, Me } from "@/api/types"
import { Button } from "@/ui/button"
import { cn } from "@/ui/cn"
import { Field } from "@/ui/field"
import { Input, PasswordInput } from "@/ui/input"
import { FormError } from "./form-error"
import { type Strength, shortest_chars, strengthOf } from "./strength"

const fields = ["email", "name", "password"]
const verbs: Record<LinkView["purpose"], string> = {
  first_admin: "Create administrator",
  invite: "Join",
  reset: "Save password",
}

export function SetupForm({ token, link }: { token: string; link: LinkView }) {
  const [email, setEmail] = useState(link.email ?? "")
  const [name, setName] = useState(link.name ?? "")
  const [password, setPassword] = useState("")
  const redeem = useRedeem()
  const strength = strengthOf(password, [name, email])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    redeem.mutate({
      token,
      password,
      email: link.email ? undefined : email.trim(),
      name: name.trim() || undefined,
    })
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Field label="E-mail" error={fieldError(redeem.error, "email")}>
        <Input
          type="email"
          name="email"
          autoComplete="username"
          required
          disabled={link.email !== null}
          autoFocus={link.email === null}
          value={email}
          onChange={(event) => setEmail(event.target.value)}
          className="h-9 text-base"
        />
      </Field>
      {link.purpose !== "reset" && (
        <Field label="Name" error={fieldError(redeem.error, "name")} help="As your colleagues know you.">
          <Input
            name="name"
            autoComplete="name"
            required
            autoFocus={link.email !== null}
            value={name}
            onChange={(event) => setName(event.target.value)}
            className="h-9 text-base"
          />
        </Field>
      )}
      <Field
        label="Password"
        error={fieldError(redeem.error, "password")}
        help={<StrengthHint strength={strength} started={password !== ""} />}
      >
        <PasswordInput
          name="password"
          autoComplete="new-password"
          required
          minLength={shortest_chars}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          className="h-9 text-base"
        />
      </Field>
      <FormError words={formError(redeem.error, fields)} />
      <Button
        type="submit"
        variant="primary"
        size="lg"
        busy={redeem.isPending}
        disabled={strength.level === 0}
      >
        {verbs[link.purpose]}
      </Button>
    </form>
  )
}

interface Redemption {
  token: string
  password: string
  email?: string
  name?: string
}

function useRedeem() {
  const router = useRouter()
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (body: Redemption) => api.post<Me>("/api/auth/link/redeem", body),
    onSuccess: (me) => {
      queryClient.clear()
      queryClient.setQueryData(keys.auth.me, me)
      clearSession()
      markSignedIn()
      router.history.replace("/chat")
    },
  })
}

const bar_tone = ["bg-bad", "bg-warn", "bg-ok", "bg-ok"]

function StrengthHint({ strength, started }: { strength: Strength; started: boolean }) {
  if (!started)
    return <span>At least {shortest_chars} characters. A few unrelated words are easy to keep in mind.</span>
  return (
    <span className="flex items-center gap-2">
      <span aria-hidden="true" className="flex gap-1">
        {[0, 1, 2].map((step) => (
          <span
            key={step}
            className={cn(
              "h-1 w-8 rounded-full transition-colors",
              step < Math.max(1, strength.level) ? bar_tone[strength.level] : "bg-border",
            )}
          />
        ))}
      </span>
      <span role="status" className="text-fg-2">
        {strength.words}
      </span>
    </span>
  )
}
