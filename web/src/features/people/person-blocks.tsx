/** The history of blocks of one person. */
import { useQuery } from "@tanstack/react-query"
import { ShieldCheck } from "lucide-react"
import { errorState } from "@/api/pages"
import type { BlockView, UserRow } from "@/api/types"
import { Badge } from "@/ui/badge"
import { EmptyState } from "@/ui/states"
import { type Column, DataTable } from "@/ui/table"
import { Time } from "@/ui/time"
import { blocksQuery } from "./queries"
import { scopes } from "./words"

export function BlocksTab({ user }: { user: UserRow }) {
  const query = useQuery(blocksQuery(user.user_id))
  return (
    <div className="rounded border bg-surface">
      <DataTable
        label="Blocks"
        rows={query.data?.items}
        columns={columns}
        rowKey={(block) => block.block_id}
        error={errorState(query)}
        empty={
          <EmptyState
            icon={ShieldCheck}
            title="Never blocked"
            words="Every block will be listed here, with who, why, and when it was lifted."
          />
        }
      />
    </div>
  )
}

const columns: Column<BlockView>[] = [
  {
    key: "since",
    title: "Since",
    width: "132px",
    sort: (block) => block.since,
    cell: (block) => <Time at={block.since} />,
  },
  { key: "scope", title: "Where", width: "104px", cell: (block) => scopes[block.scope] },
  { key: "by", title: "By", width: "200px", from: "md", cell: (block) => block.by },
  {
    key: "reason",
    title: "Reason and message",
    cell: (block) => (
      <div className="min-w-40 py-1.5">
        <p className="break-words">{block.reason}</p>
        <p className="break-words text-fg-2 text-xs">"{block.message}"</p>
      </div>
    ),
  },
  { key: "end", title: "End", width: "220px", cell: (block) => <End block={block} /> },
]

function End({ block }: { block: BlockView }) {
  if (block.lifted_at)
    return (
      <span className="text-fg-2">
        lifted <Time at={block.lifted_at} />
        {block.lifted_by && ` by ${block.lifted_by}`}
      </span>
    )
  if (block.until)
    return (
      <span className="text-fg-2">
        {Date.parse(block.until) < Date.now() ? "ended" : "ends"} <Time at={block.until} />
      </span>
    )
  return <Badge tone="bad">Stands</Badge>
}
