/** A program asks to act in one's name: who it is, where it answers, what it may do; allow or deny. */
import { useQuery } from "@tanstack/react-query"
import { getRouteApi, Link } from "@tanstack/react-router"
import { CircleAlert, ExternalLink } from "lucide-react"
import { asProblem, problemWords } from "@/api/problem"
import { Button } from "@/ui/button"
import { Icon } from "@/ui/icon"
import { Skeleton } from "@/ui/states"
import { Ask } from "./ask"
import { askedQuery } from "./asked"
import { ConsentFrame } from "./frame"
import { askedOf, follow } from "./queries"

const route = getRouteApi("/consent")

export function ConsentPage() {
  const { request } = route.useSearch()
  const query = askedQuery(request)
  if (query === null) {
    return <Refused words="This page opens when a program wants to connect. Start there, not here." />
  }
  return <Asked key={query} query={query} />
}

function Asked({ query }: { query: string }) {
  const { data, error } = useQuery(askedOf(query))
  if (error) return <Refused words={problemWords(asProblem(error))} />
  if (data?.ask) return <Ask query={query} ask={data.ask} />
  if (data?.redirect) return <Answered redirect={data.redirect} />
  return (
    <ConsentFrame title="Connect a program">
      <div aria-busy="true" className="flex flex-col gap-3">
        <Skeleton className="h-24 rounded" />
        <Skeleton className="h-16 rounded" />
        <Skeleton className="h-9 rounded" />
      </div>
    </ConsentFrame>
  )
}

/** There was nothing to ask; the browser is on its way already, unless it needs a hand. */
function Answered({ redirect }: { redirect: string }) {
  return (
    <ConsentFrame title="Back to the program">
      <p className="text-fg-2">There is nothing to decide here. If this page stays, go on by hand.</p>
      <Button size="lg" icon={ExternalLink} onClick={() => follow(redirect)} className="mt-5">
        Go on
      </Button>
    </ConsentFrame>
  )
}

function Refused({ words }: { words: string }) {
  return (
    <ConsentFrame title="Not connected">
      <p role="alert" className="flex gap-2 rounded border bg-surface p-3">
        <Icon of={CircleAlert} className="mt-0.5 shrink-0 text-bad" />
        {words}
      </p>
      <p className="mt-4 text-fg-2">
        Nothing was sent to the program. You can{" "}
        <Link to="/connect" className="text-accent-text underline underline-offset-2">
          connect it with an access token
        </Link>{" "}
        instead.
      </p>
    </ConsentFrame>
  )
}
