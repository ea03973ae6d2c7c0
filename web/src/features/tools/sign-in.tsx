/** The one action that a server may need of me: to connect my account, again or for the first time. */
import { LogIn } from "lucide-react"
import { useState } from "react"
import { asProblem, problemWords } from "@/api/problem"
import { type ServerSignIn, type SignInOutcome, useConnect, useSignOut } from "@/api/sign-ins"
import { Button } from "@/ui/button"
import { ConfirmDialog } from "@/ui/dialog"
import { Notice } from "@/ui/notice"
import { SignInStateLabel } from "@/ui/sign-in-state"
import { Time } from "@/ui/time"
import { toast } from "@/ui/toast"

export function SignInLine({ signIn, asked }: { signIn: ServerSignIn; asked: boolean }) {
  const connected = signIn.state === "connected"
  if (!signIn.may_connect || signIn.sign_in === "shared") {
    return connected ? null : (
      <Line signIn={signIn} words="One account for all is used here. An administrator has to sign in." />
    )
  }
  return connected ? (
    <Line
      signIn={signIn}
      words={
        <>
          Connected with your own account <Time at={signIn.since} />.{signIn.detail && ` ${signIn.detail}`}
        </>
      }
    >
      {signIn.detail && <Connect signIn={signIn} asked={asked} />}
      <SignOut signIn={signIn} />
    </Line>
  ) : (
    <Line signIn={signIn} words={signIn.detail ?? "It needs your own account there."}>
      <Connect signIn={signIn} asked={asked} />
    </Line>
  )
}

interface LineProps {
  signIn: ServerSignIn
  words: React.ReactNode
  children?: React.ReactNode
}

function Line({ signIn, words, children }: LineProps) {
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 border-b px-4 py-2.5 last:border-b-0">
      <SignInStateLabel state={signIn.state} className="text-xs" />
      <p className="min-w-0 flex-1 basis-56 break-words text-fg-2">{words}</p>
      {children}
    </div>
  )
}

function Connect({ signIn, asked }: { signIn: ServerSignIn; asked: boolean }) {
  const connect = useConnect(signIn.server_id, "tools")
  const again = signIn.state !== "needed"
  return (
    <>
      <Button
        icon={LogIn}
        variant="primary"
        autoFocus={asked}
        busy={connect.isPending}
        onClick={() => connect.mutate()}
      >
        {again ? "Sign in again" : "Connect your account"}
      </Button>
      {connect.error && (
        <p role="alert" className="basis-full break-words text-bad">
          {problemWords(asProblem(connect.error))}
        </p>
      )}
    </>
  )
}

function SignOut({ signIn }: { signIn: ServerSignIn }) {
  const [asking, setAsking] = useState(false)
  const signOut = useSignOut(signIn.server_id)
  const confirm = () =>
    signOut.mutateAsync().then(
      () => {
        toast.done("Signed out")
        setAsking(false)
      },
      (thrown) => toast.failed("You are still signed in", problemWords(asProblem(thrown))),
    )
  return (
    <>
      <Button size="sm" variant="quiet" onClick={() => setAsking(true)}>
        Sign out
      </Button>
      {asking && (
        <ConfirmDialog
          open
          onOpen={setAsking}
          title={`Sign out of ${signIn.title}`}
          words={`Forgets your account at ${signIn.title} and gives its tokens back. Its tools stop working for you, in chat and through MCP, until you connect again.`}
          verb="Sign out"
          onConfirm={confirm}
        />
      )}
    </>
  )
}

const words: Record<SignInOutcome, (title: string) => string> = {
  connected: (title) => `Your account at ${title} is connected.`,
  failed: (title) => `Your account at ${title} was not connected. Its card says why.`,
  expired: () =>
    "This sign-in could not be finished: it was begun in another browser, was finished before, or took more than ten minutes. Start it again.",
}

interface OutcomeProps {
  outcome: SignInOutcome
  title: string
  onClose: () => void
}

export function SignInNotice({ outcome, title, onClose }: OutcomeProps) {
  return (
    <Notice tone={outcome === "connected" ? "ok" : "bad"} onClose={onClose}>
      {words[outcome](title)}
    </Notice>
  )
}
