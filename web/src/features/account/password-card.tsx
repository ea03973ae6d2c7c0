/** Changing one's password. */
import { type FormEvent, useState } from "react"
import { fieldError, formError } from "@/api/problem"
import { Button } from "@/ui/button"
import { Card } from "@/ui/card"
import { Field } from "@/ui/field"
import { PasswordInput } from "@/ui/input"
import { useChangePassword } from "./queries"

const shortest_chars = 12

export function PasswordCard() {
  const [current, setCurrent] = useState("")
  const [next, setNext] = useState("")
  const change = useChangePassword(() => {
    setCurrent("")
    setNext("")
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    change.mutate({ current, new: next })
  }
  const ready = current !== "" && next.length >= shortest_chars
  return (
    <Card title="Password" words="Changing it ends all your other sessions.">
      <form onSubmit={submit} className="flex max-w-sm flex-col gap-4">
        <Field label="Current password" error={fieldError(change.error, "current")}>
          <PasswordInput
            autoComplete="current-password"
            value={current}
            onChange={(event) => setCurrent(event.target.value)}
          />
        </Field>
        <Field
          label="New password"
          error={fieldError(change.error, "new") ?? fieldError(change.error, "password")}
          help={`At least ${shortest_chars} characters.`}
        >
          <PasswordInput
            autoComplete="new-password"
            value={next}
            onChange={(event) => setNext(event.target.value)}
          />
        </Field>
        {formError(change.error, ["current", "new", "password"]) && (
          <p role="alert" className="text-bad">
            {formError(change.error, ["current", "new", "password"])}
          </p>
        )}
        <div>
          <Button type="submit" variant="primary" disabled={!ready} busy={change.isPending}>
            Change password
          </Button>
        </div>
      </form>
    </Card>
  )
}
