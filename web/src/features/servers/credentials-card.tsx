/** What is stored to prove who asks a server: since when, and its removal in words. */
import { KeyRound } from "lucide-react"
import { useState } from "react"
import { asProblem, problemWords } from "@/api/problem"
import type { ServerView } from "@/api/shapes"
import { Button } from "@/ui/button"
import { Card } from "@/ui/card"
import { ConfirmDialog } from "@/ui/dialog"
import { Time } from "@/ui/time"
import { toast } from "@/ui/toast"
import { useForgetCredentials } from "./queries"

export function CredentialsCard({ server }: { server: ServerView }) {
  const [asking, setAsking] = useState(false)
  const what = server.transport !== "stdio" ? "bearer token and headers" : "environment"
  return (
    <Card title="Credentials">
      <p className="mb-3 text-fg-2">
        {server.transport !== "stdio" ? "A bearer token or headers" : "An environment"}, kept sealed. Set{" "}
        <Time at={server.credential_set_at} />.
      </p>
      <Button icon={KeyRound} onClick={() => setAsking(true)}>
        Remove credentials
      </Button>
      {asking && <Question server={server} what={what} onDone={() => setAsking(false)} />}
    </Card>
  )
}

interface QuestionProps {
  server: ServerView
  what: string
  onDone: () => void
}

function Question({ server, what, onDone }: QuestionProps) {
  const forget = useForgetCredentials(server)
  const refused = forget.error !== null
  const confirm = () =>
    forget.mutateAsync(refused).then(
      () => {
        toast.done("The credentials are gone")
        onDone()
      },
      () => undefined,
    )
  return (
    <ConfirmDialog
      open
      onOpen={onDone}
      title={`Remove the credentials of ${server.title}`}
      words={`Forgets the stored ${what}. From the next call omni2 reaches ${server.title} without them; if it asks for them, its tools stop working until new ones are set.`}
      verb={refused ? "Remove anyway" : "Remove credentials"}
      onConfirm={confirm}
    >
      {refused && (
        <p role="alert" className="mt-3 rounded bg-bad-soft px-3 py-2">
          Without them: {problemWords(asProblem(forget.error))}
        </p>
      )}
    </ConfirmDialog>
  )
}
