/** The question itself. Names that nobody vouches for are said to be such. */
import { BadgeCheck, Check, CircleHelp, RefreshCw, TriangleAlert, Wrench } from "lucide-react"
import { useMe } from "@/api/me"
import { formError } from "@/api/problem"
import type { ConsentAsk } from "@/api/types"
import { Button } from "@/ui/button"
import { Fact, Facts } from "@/ui/card"
import { Icon, type LucideIcon } from "@/ui/icon"
import { Time } from "@/ui/time"
import { ConsentFrame } from "./frame"
import { useDecide } from "./queries"

export function Ask({ query, ask }: { query: string; ask: ConsentAsk }) {
  const { user } = useMe()
  const decide = useDecide(query)
  if (decide.data) return <Decided name={ask.client_name} />
  const error = formError(decide.error, [])
  return (
    <ConsentFrame title={`Let ${ask.client_name} act in your name?`}>
      <div className="rounded border bg-surface">
        <Facts className="p-4">
          <Fact label="Program">
            <Vouched ask={ask} />
          </Fact>
          <Fact label="Answers at">
            <span className="font-medium">{ask.redirect_host}</span>
            {ask.on_machine && <span className="block text-fg-2">a program on this computer</span>}
          </Fact>
          <Fact label="You">{user.email}</Fact>
          {ask.given_at && (
            <Fact label="Before">
              You allowed it <Time at={ask.given_at} />
            </Fact>
          )}
        </Facts>
        <div className="border-t p-4">
          <p className="mb-2 font-medium">It will be able to</p>
          <ul className="flex flex-col gap-2 text-fg-2">
            <Able icon={Wrench}>
              see and use the tools, prompts and resources that you may use, under the same rules and budgets
            </Able>
            <Able icon={RefreshCw}>stay connected until you disconnect it, or it is unused for 30 days</Able>
          </ul>
          <p className="mt-3 text-fg-3 text-xs">
            It cannot chat as you, change settings or see your password. Every call it makes is recorded.
          </p>
        </div>
      </div>
      {ask.on_machine && (
        <p className="mt-3 flex gap-2 text-fg-2 text-xs">
          <Icon of={TriangleAlert} size={14} className="mt-px shrink-0 text-warn" />
          Allow this only if you have just started connecting {ask.client_name} yourself on this computer.
        </p>
      )}
      {error && (
        <p role="alert" className="mt-3 text-bad">
          {error}
        </p>
      )}
      <div className="mt-5 grid grid-cols-2 gap-2">
        <Button size="lg" disabled={decide.isPending} onClick={() => decide.mutate(false)}>
          Deny
        </Button>
        <Button variant="primary" size="lg" busy={decide.isPending} onClick={() => decide.mutate(true)}>
          Allow
        </Button>
      </div>
    </ConsentFrame>
  )
}

function Vouched({ ask }: { ask: ConsentAsk }) {
  return (
    <>
      <span className="font-medium">{ask.client_name}</span>
      <span className="flex items-center gap-1.5 text-fg-2">
        <Icon of={ask.client_host ? BadgeCheck : CircleHelp} size={14} className="shrink-0" />
        {ask.client_host ? `published by ${ask.client_host}` : "registered by itself, not verified"}
      </span>
    </>
  )
}

function Able({ icon, children }: { icon: LucideIcon; children: string }) {
  return (
    <li className="flex gap-2">
      <Icon of={icon} size={14} className="mt-0.5 shrink-0" />
      {children}
    </li>
  )
}

function Decided({ name }: { name: string }) {
  return (
    <ConsentFrame title={`Back to ${name}`}>
      <p className="flex gap-2 text-fg-2">
        <Icon of={Check} className="mt-0.5 shrink-0 text-ok" />
        Your answer is on its way. If the program is open already, you can close this page.
      </p>
    </ConsentFrame>
  )
}
