/** The page of one flow; the URL holds the chosen step and how it is shown. */
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router"
import { ArrowLeft } from "lucide-react"
import { may, useMe } from "@/api/me"
import { Icon } from "@/ui/icon"
import { backStyle, DetailPage } from "@/ui/page"
import type { FlowSearch } from "./flow-search"
import { FlowView } from "./flow-view"

export function FlowPage() {
  const { id } = useParams({ strict: false })
  const { step, view, t } = useSearch({ strict: false })
  const navigate = useNavigate()
  const me = useMe()
  const set = (change: FlowSearch) =>
    void navigate({ to: ".", search: (before) => ({ ...before, ...change }), replace: true })
  return (
    <DetailPage>
      {may(me, "flows.read") && (
        <Link to="/admin/flows" className={backStyle}>
          <Icon of={ArrowLeft} size={14} />
          Flows
        </Link>
      )}
      <FlowView
        key={id}
        flow_id={id ?? ""}
        step={step ?? null}
        onStep={(next) => set({ step: next ?? undefined })}
        t_ms={t ?? null}
        onT={(next) => set({ t: next ?? undefined })}
        shape={view ?? "cards"}
        onShape={(next) => set({ view: next === "cards" ? undefined : next })}
      />
    </DetailPage>
  )
}
