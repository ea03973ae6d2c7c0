/** Copy-paste setup of one program, by signing in or with a token. */
import { getRouteApi, useNavigate } from "@tanstack/react-router"
import { CircleCheck, KeyRound } from "lucide-react"
import { useState } from "react"
import { Button } from "@/ui/button"
import { Card } from "@/ui/card"
import { Segmented } from "@/ui/choice"
import { Icon } from "@/ui/icon"
import { TabPanel, Tabs } from "@/ui/tabs"
import { findProgram, type Program, programs, type Setup, token_placeholder, type Way } from "./programs"
import { Snippet } from "./snippet"

const route = getRouteApi("/shell/connect")
const way_labels: Record<Way, string> = { "sign-in": "Sign in", token: "Access token" }

interface SetupCardProps {
  url: string
  /** Whether programs may register themselves; those that publish a document of theirs need not. */
  registration: boolean
  /** The secret of a token that was just made; it goes where the code has a place for it. */
  secret: string | null
  onCreate: (name: string) => void
}

export function SetupCard(props: SetupCardProps) {
  const program = findProgram(route.useSearch().program)
  const navigate = useNavigate()
  const tabs = programs.map(({ id, label }) => ({ value: id, label }))
  return (
    <Card title="Set up a program">
      <Tabs
        label="Program"
        className="-mt-2"
        value={program.id}
        tabs={tabs}
        onValue={(next) => navigate({ to: "/connect", search: { program: next }, replace: true })}
      >
        <TabPanel value={program.id}>
          <ProgramSetup key={program.id} program={program} {...props} />
        </TabPanel>
      </Tabs>
    </Card>
  )
}

function ProgramSetup({
  program,
  url,
  registration,
  secret,
  onCreate,
}: SetupCardProps & { program: Program }) {
  const [way, setWay] = useState<Way>(program.ways[0] ?? "token")
  const setup = program.setup(way, url, secret ?? token_placeholder)
  return (
    <div className="flex flex-col gap-3">
      {program.ways.length > 1 && (
        <Segmented
          label="How"
          value={way}
          onValue={setWay}
          options={program.ways.map((one) => ({ value: one, label: way_labels[one] }))}
          className="self-start"
        />
      )}
      <Steps setup={setup} />
      {way === "token" && (
        <TokenLine program={program} secret={secret} onCreate={() => onCreate(program.label)} />
      )}
      {way === "sign-in" && (
        <p className="text-fg-3 text-xs">
          The program opens this site, you sign in and allow it. No secret is pasted anywhere.
          {!registration && " If it says that it cannot register itself here, use an access token."}
        </p>
      )}
    </div>
  )
}

function Steps({ setup }: { setup: Setup }) {
  return (
    <>
      <p className="text-fg-2">{setup.where}</p>
      <Snippet code={setup.code} language={setup.language} />
      <p className="text-fg-2">{setup.after}</p>
    </>
  )
}

function TokenLine({
  program,
  secret,
  onCreate,
}: {
  program: Program
  secret: string | null
  onCreate: () => void
}) {
  if (secret) {
    return (
      <p className="flex items-start gap-2 rounded bg-ok-soft px-3 py-2 text-ok text-xs">
        <Icon of={CircleCheck} size={14} className="mt-px" />
        Your new token is in the text above. It is shown until you leave this page, and never again.
      </p>
    )
  }
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
      <Button variant="primary" icon={KeyRound} onClick={onCreate}>
        Create token for {program.label}
      </Button>
      <p className="text-fg-3 text-xs">
        It takes the place of <code>{token_placeholder}</code>.
      </p>
    </div>
  )
}
