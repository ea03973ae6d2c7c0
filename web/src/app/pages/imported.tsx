/** Flows that were recorded elsewhere: the bundles, the flows of one, the steps of one flow, drawn as our own. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query"
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router"
import { bundleFlowsQuery, importedFlowQuery } from "@/api/bundles"
import { may, useMe } from "@/api/me"
import { tableState } from "@/api/pages"
import type { FlowSearch } from "@/features/flows/flow-search"
import { FlowSteps } from "@/features/flows/flow-view"
import { BundleList, ImportButton } from "@/features/imported/bundle-list"
import { Badge, VerdictChip } from "@/ui/badge"
import { Button } from "@/ui/button"
import { Page } from "@/ui/page"
import { ErrorState, Skeleton } from "@/ui/states"
import { Time } from "@/ui/time"

const route = getRouteApi("/shell/admin/imported")

export function ImportedPage() {
  const { bundle, flow } = route.useSearch()
  const me = useMe()
  return (
    <Page
      title="Imported flows"
      words="Recorded by another installation. They can be read here and are never part of the record."
      actions={may(me, "record.manage") ? <ImportButton /> : undefined}
    >
      <BundleList chosen={bundle ?? null} />
      {bundle && <FlowsOf bundle={bundle} chosen={flow ?? null} />}
      {bundle && flow && <OneFlow bundle={bundle} flow_id={flow} />}
    </Page>
  )
}

function FlowsOf({ bundle, chosen }: { bundle: string; chosen: string | null }) {
  const { rows, more, error } = tableState(useInfiniteQuery(bundleFlowsQuery(bundle)))
  if (error && !rows) return <ErrorState {...error} />
  if (!rows) return <Skeleton className="h-24" />
  return (
    <ul
      aria-label="Flows of this bundle"
      className="max-h-72 divide-y overflow-y-auto rounded border bg-surface"
    >
      {rows.map((row) => (
        <li key={row.flow_id}>
          <Link
            to="/admin/imported"
            search={{ bundle, flow: row.flow_id }}
            aria-current={row.flow_id === chosen ? "true" : undefined}
            className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-1.5 hover:bg-hover aria-[current=true]:bg-sunken"
          >
            <VerdictChip verdict={row.status} />
            <span className="min-w-0 flex-1 basis-48 truncate">{row.title}</span>
            <span className="text-fg-2">{row.user_email}</span>
            <Time at={row.started_at} className="text-fg-2" />
          </Link>
        </li>
      ))}
      {more && (
        <li className="px-3 py-1.5">
          <Button size="sm" busy={more.busy} onClick={more.onMore}>
            More flows
          </Button>
        </li>
      )}
    </ul>
  )
}

function OneFlow({ bundle, flow_id }: { bundle: string; flow_id: string }) {
  const { data } = useQuery(importedFlowQuery(bundle, flow_id))
  const { step = null, view = "cards", t = null } = route.useSearch()
  const navigate = useNavigate({ from: "/admin/imported" })
  if (!data) return <Skeleton className="h-64" />
  const set = (change: FlowSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  return (
    <section aria-label="Imported flow" className="flex min-w-0 flex-col gap-4">
      <div className="flex flex-wrap items-center gap-2.5">
        <VerdictChip verdict={data.flow.status} />
        <h2 className="min-w-0 break-words font-semibold text-lg">{data.flow.sentence}</h2>
        <Badge tone="info">Imported from {data.bundle.origin || "elsewhere"}</Badge>
      </div>
      <FlowSteps
        flow={data.flow}
        checkpoints={data.checkpoints}
        step={step}
        onStep={(next) => set({ step: next ?? undefined })}
        t_ms={t}
        onT={(next) => set({ t: next ?? undefined })}
        shape={view}
        onShape={(next) => set({ view: next === "cards" ? undefined : next })}
      />
    </section>
  )
}
