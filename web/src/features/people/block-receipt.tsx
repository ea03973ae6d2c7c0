/** What a block ended: the sum in words, then one line a replica. */
import { CircleCheck, TriangleAlert } from "lucide-react"
import type { BlockReceipt, ReplicaReceipt } from "@/api/shapes"
import { plural, shortId } from "@/lib/format"
import { duration } from "@/lib/time"
import { Icon } from "@/ui/icon"

export function Receipt({ receipt }: { receipt: BlockReceipt }) {
  const confirmed = receipt.replicas.filter((replica) => replica.confirmed).length
  return (
    <div role="status" className="mt-1 flex flex-col gap-3">
      <p className="text-fg-2">{sentence(receipt)}</p>
      <ul className="flex flex-col divide-y rounded border">
        {receipt.replicas.map((replica) => (
          <ReplicaLine key={replica.replica_id} replica={replica} />
        ))}
      </ul>
      <p className="tabular text-fg-3 text-xs">
        {confirmed} of {plural(receipt.replicas.length, "replica")} confirmed; the slowest end took{" "}
        {duration(receipt.slowest_ms)}.
      </p>
    </div>
  )
}

function ReplicaLine({ replica }: { replica: ReplicaReceipt }) {
  return (
    <li className="flex items-start gap-2.5 px-3 py-2">
      <Icon
        of={replica.confirmed ? CircleCheck : TriangleAlert}
        className={replica.confirmed ? "mt-0.5 text-ok" : "mt-0.5 text-warn"}
      />
      <div className="min-w-0 flex-1">
        <p>
          <code className="text-xs">{shortId(replica.replica_id)}</code>{" "}
          {replica.confirmed ? "confirmed" : "did not confirm; its lease has run out"}
        </p>
        <p className="tabular text-fg-2 text-xs">
          {plural(replica.sockets_closed, "connection")} closed, {plural(replica.turns_cancelled, "turn")} and{" "}
          {plural(replica.calls_cancelled, "call")} cancelled
        </p>
      </div>
      <span className="tabular text-fg-2 text-xs">{duration(replica.slowest_ms)}</span>
    </li>
  )
}

const holds: Record<BlockReceipt["block"]["scope"], string> = {
  everywhere: "Nothing of theirs gets in or out now.",
  chat: "Nothing of theirs gets in or out of chat now.",
  mcp: "Nothing of theirs gets in or out of MCP now.",
}

export function sentence(receipt: BlockReceipt): string {
  const ended = [
    [receipt.sockets_closed, "connection closed", "connections closed"],
    [receipt.streams_cancelled, "stream cancelled", "streams cancelled"],
    [receipt.turns_cancelled, "turn cancelled", "turns cancelled"],
    [receipt.calls_cancelled, "tool call cancelled", "tool calls cancelled"],
    [receipt.sessions_ended, "session ended", "sessions ended"],
    [receipt.tokens_suspended, "token suspended", "tokens suspended"],
  ] as const
  const parts = ended.filter(([n]) => n > 0).map(([n, one, many]) => plural(n, one, many))
  const ended_words = parts.length > 0 ? parts.join(", ") : "Nothing was running"
  return `${ended_words}. ${holds[receipt.block.scope]}`
}
