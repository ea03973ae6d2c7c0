/** Live: what monitored people do now, one panel each. */
import { useQuery } from "@tanstack/react-query"
import { getRouteApi, useNavigate } from "@tanstack/react-router"
import { Radio } from "lucide-react"
import { useCallback } from "react"
import { may, useMe } from "@/api/me"
import { monitoredQuery } from "@/api/monitoring"
import { errorState } from "@/api/pages"
import { useConnection } from "@/api/socket-connection"
import { Page } from "@/ui/page"
import { EmptyState, ErrorState } from "@/ui/states"
import type { LiveActions } from "./actions"
import { layoutFor, usersOf } from "./layout"
import { LinkNotice, LiveBar } from "./live-bar"
import type { LiveSearch } from "./live-search"
import { MonitoredList } from "./monitored-list"
import { Panels } from "./panels"
import { connectLive, showPanels } from "./store"

const route = getRouteApi("/shell/admin/live")

export function LivePage(actions: LiveActions) {
  const search = route.useSearch()
  const navigate = useNavigate({ from: "/admin/live" })
  const monitored = useQuery(monitoredQuery)
  const ids = usersOf(search)
  const change = (next: Partial<LiveSearch>) =>
    void navigate({ search: (old) => ({ ...old, ...next }), replace: true })
  const choose = (user_ids: readonly string[]) => change({ u: user_ids.join(",") || undefined })
  useConnection(connectLive)
  useShown(search.u)
  const people = monitored.data?.items
  const error = errorState(monitored)
  return (
    <Page
      title="Live"
      words="What monitored people do now, step by step as it is recorded."
      className="max-w-none"
      bar={<LiveBar search={search} ids={ids} onChange={change} onChoose={choose} />}
    >
      <LinkNotice />
      <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[264px_minmax(0,1fr)]">
        {error && !people ? (
          <ErrorState {...error} />
        ) : (
          <MonitoredList monitored={monitored.data} ids={ids} onChoose={choose} {...actions} />
        )}
        {ids.length > 0 ? (
          <Panels
            ids={ids}
            people={people}
            layout={search.layout ?? layoutFor(ids.length)}
            errors_first={search.errors ?? false}
            onClose={(user_id) => choose(ids.filter((one) => one !== user_id))}
            {...actions}
          />
        ) : (
          <NobodyYet any={(people?.length ?? 0) > 0} />
        )}
      </div>
    </Page>
  )
}

function useShown(u: string | undefined) {
  useConnection(
    useCallback(() => {
      showPanels(usersOf({ u }))
      return () => undefined
    }, [u]),
  )
}

function NobodyYet({ any }: { any: boolean }) {
  const manages = may(useMe(), "monitoring.manage")
  const words = any
    ? "Tick somebody in the list. What they do appears here as it happens; that you watch is on record."
    : manages
      ? "Find a person or a team in the list and switch monitoring on, with an end."
      : "An administrator switches monitoring on for a person, with an end. Then they can be watched here."
  return (
    <EmptyState
      icon={Radio}
      title={any ? "Nobody is chosen yet" : "Nobody is monitored now"}
      words={words}
      className="rounded border bg-surface"
    />
  )
}
