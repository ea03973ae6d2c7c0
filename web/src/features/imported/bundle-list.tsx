/** The bundles that were imported, what became of their proof, and the way to take in another. */
import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { Trash2, Upload } from "lucide-react"
import { useRef } from "react"
import { type BundleView, bundlesQuery, useImport, useRemoveBundle } from "@/api/bundles"
import { may, useMe } from "@/api/me"
import { errorState } from "@/api/pages"
import { asProblem, problemWords } from "@/api/problem"
import { bytes, count, plural } from "@/lib/format"
import { Button, IconButton } from "@/ui/button"
import { ProofBadge, type ProofState } from "@/ui/proof-badge"
import { EmptyState, ErrorState, Skeleton } from "@/ui/states"
import { Time } from "@/ui/time"
import { toast } from "@/ui/toast"

const proofs: Record<BundleView["proof"], { state: ProofState; words: string }> = {
  verified: { state: "verified", words: "Proven" },
  broken: { state: "broken", words: "Changed on its way" },
  none: { state: "unchecked", words: "Without proof" },
}

export function BundleList({ chosen }: { chosen: string | null }) {
  const query = useQuery(bundlesQuery)
  const error = errorState(query)
  if (error && !query.data) return <ErrorState {...error} />
  if (!query.data) return <Skeleton className="h-24" />
  if (query.data.items.length === 0)
    return (
      <EmptyState
        icon={Upload}
        title="Nothing was imported"
        words="Export flows elsewhere as a bundle with proof, and import the file here."
      />
    )
  return (
    <ul className="divide-y rounded border bg-surface">
      {query.data.items.map((bundle) => (
        <BundleRow key={bundle.bundle_id} bundle={bundle} chosen={bundle.bundle_id === chosen} />
      ))}
    </ul>
  )
}

function BundleRow({ bundle, chosen }: { bundle: BundleView; chosen: boolean }) {
  const me = useMe()
  const remove = useRemoveBundle()
  const { state, words } = proofs[bundle.proof]
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 px-3 py-2">
      <Link
        to="/admin/imported"
        search={{ bundle: bundle.bundle_id }}
        aria-current={chosen ? "true" : undefined}
        className="min-w-0 flex-1 basis-56 truncate font-medium text-accent-text hover:underline"
      >
        {bundle.name}
      </Link>
      {bundle.state === "whole" ? (
        <ProofBadge state={state} reason={bundle.words}>
          {words}
        </ProofBadge>
      ) : (
        <ProofBadge state="unsealed" reason="Choose the same file once more to go on, or remove it.">
          {stepWords(bundle)}
        </ProofBadge>
      )}
      <span className="tabular text-fg-2">{plural(bundle.flows, "flow")}</span>
      <span className="break-all text-fg-2">{bundle.origin || "of unknown origin"}</span>
      <span className="text-fg-2">
        <Time at={bundle.imported_at} />, {bundle.imported_by}
      </span>
      {may(me, "record.manage") && (
        <IconButton
          icon={Trash2}
          size="sm"
          label={`Remove the imported bundle ${bundle.name}`}
          onClick={() => remove.mutate(bundle.bundle_id)}
        />
      )}
    </li>
  )
}

/** How far an import is, in words. */
function stepWords({ state, received, size, proven, flows }: BundleView): string {
  if (state === "proving") return `${count(proven)} of ${plural(flows, "flow")} proven`
  const part = size ? Math.floor((100 * received) / size) : 0
  return `${part} % of ${bytes(size)}`
}

export function ImportButton() {
  const file = useRef<HTMLInputElement>(null)
  const { take, step } = useImport()
  const begin = (given: File | undefined) =>
    given &&
    take.mutateAsync(given).then(
      (bundle) => toast.done(`Imported ${plural(bundle.flows, "flow")}. ${bundle.words}`),
      (thrown) => toast.failed("Nothing was imported", problemWords(asProblem(thrown))),
    )
  return (
    <>
      <span role="status" className="self-center text-fg-2 text-sm empty:hidden">
        {step && stepWords(step)}
      </span>
      <input
        ref={file}
        type="file"
        accept=".json,.jsonl"
        aria-label="Bundle"
        className="hidden"
        onChange={(event) => {
          void begin(event.target.files?.[0])
          event.target.value = ""
        }}
      />
      <Button icon={Upload} variant="primary" busy={take.isPending} onClick={() => file.current?.click()}>
        Import
      </Button>
    </>
  )
}
