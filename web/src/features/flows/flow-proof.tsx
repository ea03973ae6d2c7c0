/** Whether a flow is proven to be what was recorded, beside its other facts; and the way to take it out. */
import { useQuery } from "@tanstack/react-query"
import { flowProofQuery } from "@/api/proof"
import type { FlowRow } from "@/api/shapes"
import { exactUtc } from "@/lib/time"
import { ExportMenu } from "@/ui/export-menu"
import { ProofBadge } from "@/ui/proof-badge"

const words = { verified: "Verified", unsealed: "Not sealed yet", broken: "Changed" } as const

export function FlowProof({ flow }: { flow: FlowRow }) {
  const { data } = useQuery({ ...flowProofQuery(flow.flow_id), retry: false })
  return (
    <>
      {data && (
        <ProofBadge state={data.state} reason={reason(data.words, data.sealed_at)}>
          {words[data.state]}
        </ProofBadge>
      )}
      <ExportMenu size="sm" what="this flow" query={{ flow: flow.flow_id }} />
    </>
  )
}

function reason(told: string, sealed_at: string | null): string {
  return sealed_at ? `${told} Sealed ${exactUtc(new Date(sealed_at))}.` : told
}
