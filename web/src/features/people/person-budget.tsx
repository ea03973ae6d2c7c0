/** Credits of one person: today so far, and the limit of a day. */
import { useQuery } from "@tanstack/react-query"
import { type FormEvent, useState } from "react"
import { useCredits } from "@/api/credits"
import { may, useMe } from "@/api/me"
import { errorState } from "@/api/pages"
import { asProblem, problemWords } from "@/api/problem"
import type { BudgetView } from "@/api/shapes"
import type { UserRow } from "@/api/types"
import { usd } from "@/lib/format"
import { Button } from "@/ui/button"
import { Card } from "@/ui/card"
import { Segmented } from "@/ui/choice"
import { Field } from "@/ui/field"
import { Input } from "@/ui/input"
import { Meter } from "@/ui/meter"
import { ErrorState, Skeleton } from "@/ui/states"
import { Time } from "@/ui/time"
import { toast } from "@/ui/toast"
import { useUnsaved } from "@/ui/unsaved"
import { budgetQuery, useSetBudget } from "./queries"

export function BudgetTab({ user }: { user: UserRow }) {
  const query = useQuery(budgetQuery(user.user_id))
  const error = errorState(query)
  const me = useMe()
  if (!query.data) return error ? <ErrorState {...error} /> : <Skeleton className="h-40" />
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <Today budget={query.data} />
      {may(me, "budgets.manage") && (
        <Limit
          key={query.data.limit_micros ?? "default"}
          user={user}
          budget={query.data}
          rate={me.credit_micros}
        />
      )}
    </div>
  )
}

function Today({ budget }: { budget: BudgetView }) {
  const credits = useCredits()
  const limit = budget.limit_micros ?? budget.default_limit_micros
  const words = `${credits(budget.remaining_micros)} of ${credits(limit)} credits left`
  return (
    <Card title="Today">
      <p className="tabular">
        <span className="font-semibold text-xl">{credits(budget.remaining_micros)}</span>{" "}
        <span className="text-fg-2">of {credits(limit)} credits left</span>
      </p>
      <Meter share={limit > 0 ? budget.remaining_micros / limit : 0} label={words} className="my-3 h-1.5" />
      <p className="tabular flex flex-wrap gap-x-4 gap-y-1 text-fg-2">
        <span>
          {credits(budget.used_micros)} used ({usd(budget.used_micros)})
        </span>
        <span>{credits(budget.reserved_micros)} reserved by what is running</span>
        <span>
          full again <Time at={budget.resets_at} />
        </span>
      </p>
    </Card>
  )
}

interface LimitProps {
  user: UserRow
  budget: BudgetView
  rate: number
}

function Limit({ user, budget, rate }: LimitProps) {
  const credits = useCredits()
  const save = useSetBudget(user.user_id)
  const current = budget.limit_micros ?? budget.default_limit_micros
  const [own, setOwn] = useState(budget.limit_micros !== null)
  const [text, setText] = useState(String(current / rate))
  const amount = Number(text)
  const valid = text.trim() !== "" && Number.isFinite(amount) && amount >= 0
  const wanted = own ? Math.round(amount * rate) : null
  const changed = wanted !== budget.limit_micros
  useUnsaved(changed)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate(wanted, { onSuccess: () => toast.done("Limit changed. It holds from the next call.") })
  }
  return (
    <Card title="Limit of a day">
      <form onSubmit={submit} className="flex flex-col gap-4">
        <Segmented
          label="Limit"
          value={own ? "own" : "default"}
          onValue={(value) => setOwn(value === "own")}
          options={[
            { value: "default", label: `Default (${credits(budget.default_limit_micros)})` },
            { value: "own", label: "Their own" },
          ]}
          className="self-start"
        />
        {own && (
          <Field
            label="Credits a day"
            help={valid ? `At most ${usd(amount * rate)} a day.` : undefined}
            error={valid ? null : "Give a number of credits, 0 or more."}
          >
            <Input
              inputMode="decimal"
              value={text}
              onChange={(event) => setText(event.target.value)}
              className="sm:w-44"
            />
          </Field>
        )}
        {save.error && (
          <p role="alert" className="text-bad">
            {problemWords(asProblem(save.error))}
          </p>
        )}
        <Button
          type="submit"
          variant="primary"
          busy={save.isPending}
          disabled={!changed || (own && !valid)}
          className="self-start"
        >
          Save limit
        </Button>
      </form>
    </Card>
  )
}
