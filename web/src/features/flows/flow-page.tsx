/** The page of one flow, or of two side by side; the URL holds the chosen step, how it is shown, and the playhead. */
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router"
import { ArrowLeft } from "lucide-react"
import { lazy, Suspense } from "react"
import { may, useMe } from "@/api/me"
import { Icon } from "@/ui/icon"
import { backStyle, DetailPage } from "@/ui/page"
import { twoFlows } from "./compare/compare-search"
import { FlowNeighbours } from "./flow-neighbours"
import type { FlowSearch } from "./flow-search"
import { FlowView } from "./flow-view"

const CompareFlows = lazy(() =>
  import("./compare/compare-flows").then(({ CompareFlows }) => ({ default: CompareFlows })),
)

export function FlowPage() {
  const { id = "" } = useParams({ strict: false })
  const search: FlowSearch = useSearch({ strict: false })
  const navigate = useNavigate()
  const set = (change: FlowSearch) =>
    void navigate({ to: ".", search: (before) => ({ ...before, ...change }), replace: true })
  const two = twoFlows(id)
  if (!two) return <OneFlow key={id} flow_id={id} search={search} onSearch={set} />
  return (
    <Suspense>
      <CompareFlows
        key={id}
        a={two[0]}
        b={two[1]}
        only={search.only ?? false}
        onOnly={(only) => set({ only: only || undefined })}
      />
    </Suspense>
  )
}

interface OneFlowProps {
  flow_id: string
  search: FlowSearch
  onSearch: (change: FlowSearch) => void
}

function OneFlow({ flow_id, search: { step, view, t }, onSearch }: OneFlowProps) {
  const me = useMe()
  return (
    <DetailPage>
      <div className="flex min-h-7 flex-wrap items-center justify-between gap-x-4">
        {may(me, "flows.read") ? (
          <Link to="/admin/flows" className={backStyle}>
            <Icon of={ArrowLeft} size={14} />
            Flows
          </Link>
        ) : (
          <span />
        )}
        <FlowNeighbours flow_id={flow_id} />
      </div>
      <FlowView
        flow_id={flow_id}
        step={step ?? null}
        onStep={(next) => onSearch({ step: next ?? undefined })}
        t_ms={t ?? null}
        onT={(next) => onSearch({ t: next ?? undefined })}
        shape={view ?? "cards"}
        onShape={(next) => onSearch({ view: next === "cards" ? undefined : next })}
      />
    </DetailPage>
  )
}
