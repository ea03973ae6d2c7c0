/** How people sign in to a server: not at all, with one account for all, or each with their own; and how it stands. */
import { useQuery } from "@tanstack/react-query"
import { getRouteApi } from "@tanstack/react-router"
import { LogIn, LogOut } from "lucide-react"
import { useState } from "react"
import { errorState } from "@/api/pages"
import { asProblem, problemWords } from "@/api/problem"
import type { ServerView } from "@/api/shapes"
import { type SignInPlan, signInPlanQuery, useConnect, useSignOut } from "@/api/sign-ins"
import { plural } from "@/lib/format"
import { Button } from "@/ui/button"
import { Card } from "@/ui/card"
import { ConfirmDialog } from "@/ui/dialog"
import { Notice } from "@/ui/notice"
import { SignInStateLabel } from "@/ui/sign-in-state"
import { ErrorState, Skeleton } from "@/ui/states"
import { Time } from "@/ui/time"
import { toast } from "@/ui/toast"
import { SignInForm } from "./sign-in-form"

const route = getRouteApi("/shell/admin/servers/$id")

export function SignInCard({ server }: { server: ServerView }) {
  const query = useQuery(signInPlanQuery(server.server_id))
  const error = errorState(query)
  return (
    <Card
      title="Sign-in"
      words="For servers with OAuth. omni2 keeps the tokens sealed, renews them, and shows them to nobody."
    >
      <Outcome server={server} />
      {query.data ? (
        <>
          {query.data.mode !== "none" && <Standing server={server} plan={query.data} />}
          <SignInForm key={JSON.stringify(query.data.mode)} server={server} plan={query.data} />
        </>
      ) : error ? (
        <ErrorState {...error} />
      ) : (
        <Skeleton className="h-24" />
      )}
    </Card>
  )
}

function Outcome({ server }: { server: ServerView }) {
  const { outcome } = route.useSearch()
  const navigate = route.useNavigate()
  if (!outcome) return null
  const connected = outcome === "connected"
  return (
    <div className="mb-3">
      <Notice
        tone={connected ? "ok" : "bad"}
        onClose={() => void navigate({ search: { tab: "settings" }, replace: true })}
      >
        {connected ? `omni2 is signed in to ${server.title}.` : `omni2 was not signed in to ${server.title}.`}
      </Notice>
    </div>
  )
}

function Standing({ server, plan }: { server: ServerView; plan: SignInPlan }) {
  const { connection } = plan
  const connected = connection.state === "connected"
  return (
    <div className="mb-4 flex flex-col items-start gap-2 rounded bg-sunken p-3">
      <SignInStateLabel state={connection.state} />
      <p className="break-words text-fg-2">
        {connected ? (
          <>
            {plan.mode === "shared"
              ? "One account for all, connected by "
              : "Your own account, connected by "}
            {connection.connected_by} <Time at={connection.since} />.
            {connection.detail && ` ${connection.detail}`}
          </>
        ) : (
          (connection.detail ??
          (plan.mode === "shared" ? "Nobody has signed in yet." : "You have not signed in."))
        )}
        {plan.mode === "per_user" && ` ${plural(plan.connected_people, "person", "people")} connected.`}
      </p>
      {connection.may_connect && (
        <div className="flex flex-wrap items-center gap-2">
          {(!connected || connection.detail) && <Connect plan={plan} />}
          {connected && <SignOut server={server} plan={plan} />}
        </div>
      )}
    </div>
  )
}

function Connect({ plan }: { plan: SignInPlan }) {
  const connect = useConnect(plan.connection.server_id, "server")
  return (
    <>
      <Button icon={LogIn} variant="primary" busy={connect.isPending} onClick={() => connect.mutate()}>
        {plan.connection.state === "needed" ? "Connect" : "Sign in again"}
      </Button>
      {connect.error && (
        <p role="alert" className="break-words text-bad">
          {problemWords(asProblem(connect.error))}
        </p>
      )}
    </>
  )
}

function SignOut({ server, plan }: { server: ServerView; plan: SignInPlan }) {
  const [asking, setAsking] = useState(false)
  const signOut = useSignOut(server.server_id)
  const confirm = () =>
    signOut.mutateAsync().then(
      () => {
        toast.done("Signed out")
        setAsking(false)
      },
      (thrown) => toast.failed("You are still signed in", problemWords(asProblem(thrown))),
    )
  const whom = plan.mode === "shared" ? "nobody can use it" : "you cannot use it"
  return (
    <>
      <Button icon={LogOut} onClick={() => setAsking(true)}>
        Sign out
      </Button>
      {asking && (
        <ConfirmDialog
          open
          onOpen={setAsking}
          title={`Sign out of ${server.title}`}
          words={`Forgets the account and gives its tokens back. Until somebody signs in again, ${whom}.`}
          verb="Sign out"
          onConfirm={confirm}
        />
      )}
    </>
  )
}
