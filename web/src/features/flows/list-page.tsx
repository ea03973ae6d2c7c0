/** The history of flows: one query, which the bar, the facets and the views show and change, and the URL holds. */
import { useQuery } from "@tanstack/react-query"
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router"
import { MessageSquare } from "lucide-react"
import { countsQuery, zone } from "@/api/history"
import { asProblem } from "@/api/problem"
import type { FlowRow } from "@/api/shapes"
import { buttonStyle } from "@/ui/button"
import { ExportMenu } from "@/ui/export-menu"
import { Page } from "@/ui/page"
import { Peek } from "@/ui/peek"
import { EmptyState } from "@/ui/states"
import { FlowTable } from "./flow-table"
import { FlowView } from "./flow-view"
import { QueryBar } from "./query-bar"
import { QueryFacets } from "./query-facets"
import { Selection } from "./query-selection"
import { QueryViews } from "./query-views"
import { type FlowsSearch, pickedIn, queryOf } from "./words"

const route = getRouteApi("/shell/admin/flows")

export function FlowsPage() {
  const { peek, picked: picked_ids, ...filter } = route.useSearch()
  const q = queryOf(filter)
  const refused = useRefusal(q)
  const picked = pickedIn(picked_ids)
  const navigate = useNavigate({ from: "/admin/flows" })
  const set = (change: FlowsSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  const ask = (text: string) =>
    void navigate({ search: { q: text || undefined, peek, picked: picked_ids }, replace: true })
  const pick = ({ flow_id }: FlowRow) => set({ picked: toggled(picked, flow_id).join(",") || undefined })
  const openPage = (id: string) => void navigate({ to: "/admin/flows/$id", params: { id } })
  return (
    <Page
      title="Flows"
      words="Every interaction from every door, step by step, as it is stored."
      actions={
        <ExportMenu what={q ? "what this query finds" : "all flows"} query={q ? { q, zone } : { zone }} />
      }
      bar={
        <div className="flex flex-col gap-2">
          <QueryViews q={q} />
          <QueryBar value={q} onValue={ask} refused={refused} />
          <QueryFacets q={q} onQuery={ask} />
        </div>
      }
    >
      <div className="rounded border bg-surface">
        {refused ? (
          <EmptyState title="This query cannot be read" words="The line beneath it says why." />
        ) : (
          <FlowTable
            filter={q ? { q, zone } : { zone }}
            empty={<NoFlows />}
            onClearFilters={q ? () => ask("") : null}
            onOpen={(flow) => (flow.flow_id === peek ? openPage(flow.flow_id) : set({ peek: flow.flow_id }))}
            active={peek ?? null}
            onActive={(flow) => peek && set({ peek: flow.flow_id })}
            picked={picked}
            onPick={pick}
          />
        )}
      </div>
      {peek && (
        <Peek
          label="Flow"
          title="Flow"
          onClose={() => set({ peek: undefined })}
          onOpen={() => openPage(peek)}
        >
          <PeekBody key={peek} flow_id={peek} />
        </Peek>
      )}
      <Selection picked={picked} onClear={() => set({ picked: undefined })} />
    </Page>
  )
}

/** What the server says of a query that it cannot read; null for one that it can. */
function useRefusal(q: string): string | null {
  const { error } = useQuery(countsQuery(q))
  const problem = error ? asProblem(error) : null
  return problem?.code === "query_malformed" ? problem.body.detail : null
}

function PeekBody({ flow_id }: { flow_id: string }) {
  const navigate = useNavigate()
  return (
    <div className="p-4">
      <FlowView
        flow_id={flow_id}
        step={null}
        onStep={(step) =>
          void navigate({
            to: "/admin/flows/$id",
            params: { id: flow_id },
            search: step === null ? {} : { step },
          })
        }
        shape="cards"
        onShape={(view) =>
          void navigate({ to: "/admin/flows/$id", params: { id: flow_id }, search: { view } })
        }
        keyboard={false}
      />
    </div>
  )
}

function NoFlows() {
  return (
    <EmptyState
      icon={MessageSquare}
      title="No flow yet"
      words="A flow is recorded whenever somebody asks in chat or calls a tool through MCP. Ask something to see the first one."
    >
      <Link to="/chat" className={buttonStyle({ variant: "primary" })}>
        Open chat
      </Link>
    </EmptyState>
  )
}

function toggled(picked: readonly string[], id: string): string[] {
  return picked.includes(id) ? picked.filter((one) => one !== id) : [...picked, id]
}
