/** Where the ends of the chains are kept outside the database: the file, and an address that takes them. */
import { useQuery } from "@tanstack/react-query"
import { CircleCheck, CircleX, Hourglass, Pencil, Send } from "lucide-react"
import { useState } from "react"
import { may, useMe } from "@/api/me"
import { errorState } from "@/api/pages"
import { asProblem, problemWords } from "@/api/problem"
import { type Anchors, anchorsQuery, useSendAnchor } from "@/api/proof"
import { plural } from "@/lib/format"
import { Badge } from "@/ui/badge"
import { Button } from "@/ui/button"
import { Card } from "@/ui/card"
import { ErrorState, Skeleton } from "@/ui/states"
import { Time } from "@/ui/time"
import { toast } from "@/ui/toast"
import { AnchorsDialog } from "./anchors-dialog"

export function AnchorsCard() {
  const query = useQuery(anchorsQuery)
  const [asking, setAsking] = useState(false)
  const error = errorState(query)
  const me = useMe()
  return (
    <Card
      title="Anchors"
      actions={
        query.data &&
        may(me, "record.manage") && (
          <span className="flex gap-2">
            {query.data.url && <SendNow />}
            <Button size="sm" icon={Pencil} onClick={() => setAsking(true)}>
              Change
            </Button>
          </span>
        )
      }
    >
      {query.data ? (
        <Told anchors={query.data} />
      ) : error ? (
        <ErrorState {...error} />
      ) : (
        <Skeleton className="h-12" />
      )}
      {asking && query.data && <AnchorsDialog anchors={query.data} onClose={() => setAsking(false)} />}
    </Card>
  )
}

function Told({ anchors }: { anchors: Anchors }) {
  const { state, url } = anchors
  return (
    <div className="space-y-1.5">
      <p className="max-w-[90ch] text-fg-2">
        Where the chains end is signed and appended to a file outside the database, every few seconds while
        there is something new. Sent elsewhere too, it proves the record against whoever holds this machine.
      </p>
      {url ? (
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <StateBadge state={state} />
          <span className="min-w-0 break-all font-mono text-xs">{url}</span>
        </p>
      ) : (
        <p>Not sent anywhere: only the file holds them.</p>
      )}
      {url && <Latest anchors={anchors} />}
    </div>
  )
}

function StateBadge({ state }: { state: Anchors["state"] }) {
  if (state === "ok")
    return (
      <Badge tone="ok" icon={CircleCheck}>
        Taken
      </Badge>
    )
  if (state === "failing")
    return (
      <Badge tone="bad" icon={CircleX}>
        Not taken
      </Badge>
    )
  return (
    <Badge tone="info" icon={Hourglass}>
      Nothing sent yet
    </Badge>
  )
}

function Latest({ anchors }: { anchors: Anchors }) {
  const { state, words, failures, failed_at, delivered_at } = anchors
  return (
    <p className="text-fg-2 text-sm">
      {state === "failing" && failed_at && (
        <span className="text-bad">
          {words} {plural(failures, "try", "tries")}, the latest <Time at={failed_at} />; it is tried again by
          itself.{" "}
        </span>
      )}
      {delivered_at ? (
        <>
          The latest was taken <Time at={delivered_at} />.
        </>
      ) : (
        "None was taken so far."
      )}
    </p>
  )
}

function SendNow() {
  const send = useSendAnchor()
  const begin = () =>
    send.mutateAsync().then(
      (now) =>
        now.state === "ok"
          ? toast.done("The anchor was taken.")
          : toast.failed("The anchor was not taken", now.words),
      (thrown) => toast.failed("The anchor was not sent", problemWords(asProblem(thrown))),
    )
  return (
    <Button size="sm" icon={Send} busy={send.isPending} onClick={begin}>
      Send now
    </Button>
  )
}
