/** The page of one flow; the URL holds the chosen step and how it is shown. */
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router"
import { ArrowLeft } from "lucide-react"
import { may, useMe } from "@/api/me"
import { Icon } from "@/ui/icon"
import type { FlowSearch } from "./flow-search"
import { FlowView } from "./flow-view"

export function FlowPage() {
  const { id } = useParams({ strict: false })
  const { step, view } = useSearch({ strict: false })
  const navigate = useNavigate()
  const me = useMe()
  const set = (change: FlowSearch) =>
    void navigate({ to: ".", search: (before) => ({ ...before, ...change }), replace: true })
  return (
    <div className="mx-auto flex min-h-full w-full max-w-[1200px] flex-col gap-3 px-3 py-4 sm:px-6 sm:py-5">
      {may(me, "flows.read") && (
        <Link
          to="/admin/flows"
          className="inline-flex items-center gap-1.5 self-start text-fg-2 text-xs hover:text-fg"
        >
          <Icon of={ArrowLeft} size={14} />
          Flows
        </Link>
      )}
      <FlowView
        key={id}
        flow_id={id ?? ""}
        step={step ?? null}
        onStep={(next) => set({ step: next ?? undefined })}
        shape={view ?? "cards"}
        onShape={(next) => set({ view: next === "json" ? "json" : undefined })}
      />
    </div>
  )
}
