/** A server that I may use: how it is, what it needs of me, what it offers me. */
import { useState } from "react"
import { count } from "@/lib/format"
import { Card } from "@/ui/card"
import { ServerStateLabel } from "@/ui/server-state"
import { More, OfferList, Section } from "./offer-list"
import type { OffersOfKind } from "./queries"
import { offeredWords, type Server, type Shown } from "./shown"
import { SignInLine } from "./sign-in"

interface ServerCardProps extends Shown {
  /** What it offers beside tools, whatever is searched for. */
  all: readonly OffersOfKind[]
  q: string
  /** Somebody followed a link that asks for the account here. */
  asked: boolean
}

export function ServerCard({ server, tools, kinds, signIn, all, q, asked }: ServerCardProps) {
  /** It is away for want of a sign-in, which its line says. */
  const away = server.state === "down" || server.state === "sign_in_needed"
  const waits = away && signIn !== undefined && signIn.state !== "connected"
  return (
    <Card
      title={server.title}
      words={
        <>
          <code>{server.slug}</code>
          {" \u00b7 "}
          {offeredWords(server, all)}
        </>
      }
      actions={!waits && <ServerStateLabel state={server.state} className="text-xs" />}
      flush
    >
      {signIn && <SignInLine signIn={signIn} asked={asked} />}
      {away && !waits && (
        <p className="px-4 py-2.5 text-fg-2">
          It does not answer right now. Administrators see why; there is nothing for you to do.
        </p>
      )}
      {tools.length > 0 && <ToolList tools={tools} alone={all.length === 0} />}
      {kinds.map((part) => (
        <OfferList key={`${part.kind} ${q}`} slug={server.slug} part={part} q={q} />
      ))}
    </Card>
  )
}

const shown_at_first = 24

function ToolList({ tools, alone }: { tools: Server["tools"]; alone: boolean }) {
  const [all, setAll] = useState(false)
  const shown = all ? tools : tools.slice(0, shown_at_first)
  const list = (
    <>
      <ul className="grid sm:grid-cols-2 xl:grid-cols-3">
        {shown.map((tool) => (
          <li key={tool.name} className="flex min-w-0 flex-col gap-0.5 px-4 py-2.5">
            <code className="truncate font-medium text-xs">{tool.name}</code>
            {tool.title && tool.title !== tool.name && (
              <span className="truncate text-fg-2 text-xs">{tool.title}</span>
            )}
          </li>
        ))}
      </ul>
      {shown.length < tools.length && (
        <More onMore={() => setAll(true)} label="Show all tools">
          {count(shown.length)} of {count(tools.length)} shown
        </More>
      )}
    </>
  )
  if (alone) return list
  return (
    <Section title="Tools" total={tools.length}>
      {list}
    </Section>
  )
}
