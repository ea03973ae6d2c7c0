/** Facts of models, tokens and credits. */
import { useCredits } from "@/api/credits"
import type { BudgetLine, LlmCompleteData, LlmThinkingData, StepData } from "@/api/shapes"
import { count, usd } from "@/lib/format"
import { duration } from "@/lib/time"
import { Fact, Facts } from "@/ui/card"
import { Meter } from "@/ui/meter"
import { Time } from "@/ui/time"
import { endingOf } from "./step-words"

type Of<K extends StepData["kind"]> = Extract<StepData, { kind: K }>

export function UsageFacts({ data }: { data: Of<"usage_check"> }) {
  return (
    <>
      <Facts>
        <Fact label="Needed at most">
          {data.unpriced && data.requested_micros === 0 ? (
            <span className="text-warn">Unpriced: this model has no price</span>
          ) : (
            <>
              <Credits micros={data.requested_micros} />
              {data.unpriced && <span className="text-warn"> (this model has no price)</span>}
            </>
          )}
        </Fact>
        <Fact label="Reserved">
          <Credits micros={data.reserved_micros} />
        </Fact>
        {data.denied_by && (
          <Fact label={data.budgets.some(({ name }) => name === data.denied_by) ? "Denied by" : "Denied for"}>
            {data.denied_by}
          </Fact>
        )}
      </Facts>
      {data.budgets.map((budget) => (
        <Budget key={budget.name} budget={budget} />
      ))}
    </>
  )
}

function Budget({ budget }: { budget: BudgetLine }) {
  const credits = useCredits()
  const words = `${credits(budget.remaining_micros)} of ${credits(budget.limit_micros)} credits left`
  const share = budget.limit_micros > 0 ? budget.remaining_micros / budget.limit_micros : 0
  return (
    <section className="max-w-md rounded border bg-surface p-2.5">
      <div className="flex flex-wrap items-baseline justify-between gap-x-3">
        <h3 className="min-w-0 break-words font-medium text-xs">{budget.name}</h3>
        <span className="tabular text-fg-2 text-xs">{words}</span>
      </div>
      <Meter share={share} label={words} className="my-2" />
      <p className="tabular flex flex-wrap gap-x-3 text-fg-3 text-xs">
        <span>{credits(budget.used_micros)} used</span>
        <span>{credits(budget.reserved_micros)} reserved</span>
        <span>
          full again <Time at={budget.resets_at} />
        </span>
      </p>
    </section>
  )
}

export function ThinkingFacts({ data }: { data: LlmThinkingData }) {
  return (
    <Facts>
      <Fact label="Model">
        {data.model} <span className="text-fg-3">({data.provider})</span>
      </Fact>
      <Fact label="Round">
        <Figure n={data.iteration} />
      </Fact>
      <Fact label="Messages read">
        <Figure n={data.messages} />
      </Fact>
      <Fact label="Tools offered">
        <Figure n={data.tools_offered} />
      </Fact>
    </Facts>
  )
}

export function CompleteFacts({ data }: { data: LlmCompleteData }) {
  return (
    <Facts>
      <Fact label="Tokens">
        <span className="tabular">
          {data.estimated && "about "}
          {count(data.input_tokens)} in, {count(data.output_tokens)} out
          {data.cache_read_tokens > 0 && `, ${count(data.cache_read_tokens)} read from cache`}
          {data.cache_write_tokens > 0 && `, ${count(data.cache_write_tokens)} written to cache`}
          {data.reasoning_tokens > 0 && `, ${count(data.reasoning_tokens)} for reasoning`}
        </span>
      </Fact>
      <Fact label="Cost">
        {data.cost_micros === null ? (
          <span className="text-warn">Unpriced: this model has no price</span>
        ) : (
          <>
            <Credits micros={data.cost_micros} />{" "}
            <span className="tabular text-fg-3">({usd(data.cost_micros)})</span>
          </>
        )}
      </Fact>
      {data.price_version && (
        <Fact label="Price">
          <PriceVersion version={data.price_version} />
        </Fact>
      )}
      <Fact label="Ended because">{endingOf(data.finish_reason)}</Fact>
      {data.detail && (
        <Fact label="Beware">
          <span className="text-warn">{data.detail}</span>
        </Fact>
      )}
      {data.first_token_ms !== null && (
        <Fact label="First token">
          <span className="tabular">{duration(data.first_token_ms)}</span>
        </Fact>
      )}
    </Facts>
  )
}

/** The table that a price was taken from, or when somebody set it. */
function PriceVersion({ version }: { version: string }) {
  if (!/^\d{4}-\d\d-\d\dT/.test(version)) return `of the list ${version}`
  return (
    <>
      set <Time at={version} />
    </>
  )
}

export function SettledFacts({ data }: { data: Of<"usage_settled"> }) {
  return (
    <Facts>
      <Fact label="Reserved">
        <Credits micros={data.reserved_micros} />
      </Fact>
      <Fact label="Charged">
        <Credits micros={data.charged_micros} />{" "}
        <span className="tabular text-fg-3">({usd(data.charged_micros)})</span>
      </Fact>
      <Fact label="Returned">
        <Credits micros={data.refunded_micros} />
      </Fact>
      {data.remaining_micros !== null && (
        <Fact label="Left after it">
          <Credits micros={data.remaining_micros} />
        </Fact>
      )}
      <Fact label="Tokens">
        <span className="tabular">
          {count(data.input_tokens)} in, {count(data.output_tokens)} out
        </span>
      </Fact>
    </Facts>
  )
}

export function DoneFacts({ data }: { data: Of<"done"> }) {
  return (
    <Facts>
      <Fact label="Took">
        <span className="tabular">{duration(data.duration_ms)}</span>
      </Fact>
      <Fact label="Tool calls">
        <Figure n={data.tool_calls} />
      </Fact>
      <Fact label="Tokens">
        <span className="tabular">
          {count(data.input_tokens)} in, {count(data.output_tokens)} out
        </span>
      </Fact>
      <Fact label="Cost">
        <Credits micros={data.cost_micros} />{" "}
        <span className="tabular text-fg-3">({usd(data.cost_micros)})</span>
      </Fact>
    </Facts>
  )
}

function Credits({ micros }: { micros: number }) {
  const credits = useCredits()
  return <span className="tabular">{credits(micros)} credits</span>
}

function Figure({ n }: { n: number }) {
  return <span className="tabular">{count(n)}</span>
}
