/** Sign in with e-mail and password. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { getRouteApi, useRouter } from "@tanstack/react-router"
import { type FormEvent, useState } from "react"
import { api } from "@/api/client"
import { keys } from "@/api/keys"
import { authStateQuery } from "@/api/me"
import { fieldError, formError } from "@/api/problem"
import { clearSession, markSignedIn, useSession } from "@/api/session"
import type { Me } from "@/api/types"
import { Button } from "@/ui/button"
import { Field } from "@/ui/field"
import { Input, PasswordInput } from "@/ui/input"
import { AuthFrame } from "./auth-frame"
import { FormError } from "./form-error"

const route = getRouteApi("/login")

export function LoginPage() {
  const { data: state } = useQuery(authStateQuery)
  const expired = useSession((session) => session.expired)
  if (state?.setup_required) return <FirstStart />
  return (
    <AuthFrame
      title="Sign in"
      words={expired ? "Your sign-in has run out. Sign in again and you are back where you were." : undefined}
    >
      <LoginForm />
    </AuthFrame>
  )
}

function LoginForm() {
  const { next } = route.useSearch()
  const router = useRouter()
  const queryClient = useQueryClient()
  const [email, setEmail] = useState("")
  const [password, setPassword] = useState("")
  const login = useMutation({
    mutationFn: () => api.post<Me>("/api/auth/login", { email: email.trim(), password }),
    onSuccess: (me) => {
      queryClient.clear()
      queryClient.setQueryData(keys.auth.me, me)
      clearSession()
      markSignedIn()
      router.history.push(next ?? "/")
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    login.mutate()
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Field label="E-mail" error={fieldError(login.error, "email")}>
        <Input
          type="email"
          name="email"
          autoComplete="username"
          autoFocus
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
          className="h-9 text-base"
        />
      </Field>
      <Field label="Password" error={fieldError(login.error, "password")}>
        <PasswordInput
          name="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          className="h-9 text-base"
        />
      </Field>
      <FormError words={formError(login.error, ["email", "password"])} />
      <Button type="submit" variant="primary" size="lg" busy={login.isPending}>
        Sign in
      </Button>
      <p className="text-fg-3 text-xs">
        Forgotten your password? An administrator can send you a one-time link that sets a new one.
      </p>
    </form>
  )
}

function FirstStart() {
  return (
    <AuthFrame
      title="Set up omni2"
      words="Nobody can sign in yet. The first administrator is made with a one-time link."
    >
      <ol className="flex flex-col gap-3">
        <li className="flex gap-3">
          <Step n={1} />
          <span>
            Look at the terminal in which omni2 was started: it printed a link that ends in{" "}
            <code>/setup#…</code>
          </span>
        </li>
        <li className="flex gap-3">
          <Step n={2} />
          <span>Open that link in this browser and choose a password.</span>
        </li>
        <li className="flex gap-3">
          <Step n={3} />
          <span>
            No longer there? Print a new one with{" "}
            <code className="whitespace-nowrap">omni2 admin create EMAIL</code>
          </span>
        </li>
      </ol>
    </AuthFrame>
  )
}

function Step({ n }: { n: number }) {
  return (
    <span className="tabular grid size-5 shrink-0 place-items-center rounded-full border text-fg-2 text-xs">
      {n}
    </span>
  )
}
