/** The credits a day of everybody who has no limit of their own. */
import { useQuery } from "@tanstack/react-query"
import { Gauge } from "lucide-react"
import { type FormEvent, useId, useState } from "react"
import { useCredits } from "@/api/credits"
import { may, useMe } from "@/api/me"
import { asProblem, problemWords } from "@/api/problem"
import { usd } from "@/lib/format"
import { Button } from "@/ui/button"
import { Dialog } from "@/ui/dialog"
import { Field } from "@/ui/field"
import { Input } from "@/ui/input"
import { toast } from "@/ui/toast"
import { defaultBudgetQuery, useSetDefaultBudget } from "./queries"

export function DefaultLimit() {
  const me = useMe()
  const { data } = useQuery({ ...defaultBudgetQuery, enabled: may(me, "budgets.read") })
  const credits = useCredits()
  const [editing, setEditing] = useState(false)
  if (!data || !may(me, "budgets.manage")) return null
  return (
    <>
      <Button icon={Gauge} onClick={() => setEditing(true)}>
        <span className="tabular">Default: {credits(data.limit_micros)} credits a day</span>
      </Button>
      {editing && (
        <LimitDialog
          limit_micros={data.limit_micros}
          rate={me.credit_micros}
          onClose={() => setEditing(false)}
        />
      )}
    </>
  )
}

interface LimitDialogProps {
  limit_micros: number
  rate: number
  onClose: () => void
}

function LimitDialog({ limit_micros, rate, onClose }: LimitDialogProps) {
  const [text, setText] = useState(String(limit_micros / rate))
  const save = useSetDefaultBudget()
  const form_id = useId()
  const amount = Number(text)
  const valid = text.trim() !== "" && Number.isFinite(amount) && amount >= 0
  const wanted = Math.round(amount * rate)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate(wanted, {
      onSuccess: () => {
        toast.done("Default limit changed. It holds from the next call.")
        onClose()
      },
    })
  }
  const refused = save.error ? problemWords(asProblem(save.error)) : null
  return (
    <Dialog
      open
      onOpen={onClose}
      dirty={wanted !== limit_micros}
      title="Credits a day"
      words="For everybody who has no limit of their own."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            form={form_id}
            variant="primary"
            busy={save.isPending}
            disabled={!valid || wanted === limit_micros}
          >
            Save limit
          </Button>
        </>
      }
    >
      <form id={form_id} onSubmit={submit} className="mt-4">
        <Field
          label="Credits"
          help={valid ? `At most ${usd(wanted)} a day for each of them.` : undefined}
          error={valid ? refused : "Give a number of credits, 0 or more."}
        >
          <Input inputMode="decimal" value={text} onChange={(event) => setText(event.target.value)} />
        </Field>
      </form>
    </Dialog>
  )
}
