/** Whether the whole record verifies: since when, how much of it, and the first bad place if there is one. */
import { useQuery } from "@tanstack/react-query"
import { CircleX, ShieldCheck } from "lucide-react"
import { anchorsQuery, type RecordProof as Proof, recordProofQuery, useVerifyNow } from "@/api/proof"
import { count } from "@/lib/format"
import { Badge } from "@/ui/badge"
import { Button } from "@/ui/button"
import { CopyValue } from "@/ui/copy"
import { ProofBadge } from "@/ui/proof-badge"
import { Skeleton } from "@/ui/states"
import { Time } from "@/ui/time"
import { Tooltip } from "@/ui/tooltip"

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" })

export function RecordProof() {
  const { data } = useQuery(recordProofQuery)
  const { data: anchors } = useQuery(anchorsQuery)
  const verify = useVerifyNow()
  if (!data) return <Skeleton className="h-12 w-full" />
  return (
    <section
      aria-label="Proof of the record"
      className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded border bg-surface px-3 py-2.5"
    >
      <ProofBadge state={data.state} reason={data.words || "Every row is what was sealed."}>
        {headline(data)}
      </ProofBadge>
      {anchors?.state === "failing" && (
        <Tooltip words={anchors.words}>
          <span>
            <Badge tone="bad" icon={CircleX}>
              Anchors not taken
            </Badge>
          </span>
        </Tooltip>
      )}
      <p className="min-w-0 flex-1 basis-64 break-words text-fg-2">
        {data.state === "broken" ? data.words : <Facts proof={data} />}
      </p>
      <CopyValue
        value={data.public_key}
        shown="Public key"
        label="Copy the key that the chains are signed by"
      />
      <Button size="sm" icon={ShieldCheck} busy={verify.isPending} onClick={() => verify.mutate()}>
        Verify now
      </Button>
    </section>
  )
}

function Facts({ proof }: { proof: Proof }) {
  return (
    <>
      <span className="tabular">{count(proof.rows)}</span> rows are what was sealed
      {proof.sealed_at && (
        <>
          {", the latest "}
          <Time at={proof.sealed_at} />
        </>
      )}
      {proof.unsealed > 0 && `; ${count(proof.unsealed)} wait for their seal`}.
    </>
  )
}

function headline({ state, checked_at }: Proof): string {
  const at = checked_at ? clock.format(new Date(checked_at)) : null
  if (state === "broken") return `Broken, seen ${at}`
  return at ? `Verified up to ${at}` : "Not verified yet"
}
