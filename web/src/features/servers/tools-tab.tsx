/** The tools of a server: those that wait for a decision first, then as the server lists them. */
import { useQuery } from "@tanstack/react-query"
import { Wrench } from "lucide-react"
import { useState } from "react"
import { errorState } from "@/api/pages"
import type { ServerView, ToolView } from "@/api/shapes"
import { SearchInput } from "@/ui/input"
import { EmptyState, ErrorState, Skeleton } from "@/ui/states"
import { Time } from "@/ui/time"
import { matches } from "./many-tools"
import { ToolList } from "./tool-list"
import { toolsQuery } from "./tool-queries"

const search_from = 10

export function ToolsTab({ server }: { server: ServerView }) {
  const query = useQuery(toolsQuery(server.server_id))
  const [q, setQ] = useState("")
  const error = errorState(query)
  if (!query.data) return error ? <ErrorState {...error} /> : <ToolsSkeleton />
  const { items } = query.data
  const shown = items
    .filter((tool) => matches(tool, q))
    .toSorted((a, b) => Number(waits(b)) - Number(waits(a)))
  if (items.length === 0) return <NoTool server={server} />
  return (
    <div className="flex flex-col gap-3">
      {server.stale && (
        <p className="rounded border bg-warn-soft px-3 py-2 text-sm">
          The server is away. These are the tools that it listed last, <Time at={server.listed_at} />; a call
          says that it cannot be reached.
        </p>
      )}
      {items.length > search_from && (
        <SearchInput label="Search tools" value={q} onValue={setQ} className="w-full sm:w-72" />
      )}
      {shown.length > 0 ? (
        <ToolList server_id={server.server_id} tools={shown} />
      ) : (
        <p className="text-fg-2">No tool matches "{q}".</p>
      )}
    </div>
  )
}

/** Whether somebody has to decide about its definition. */
function waits(tool: ToolView): boolean {
  return tool.held_at !== null && tool.rejected_at === null
}

function NoTool({ server }: { server: ServerView }) {
  return (
    <EmptyState
      icon={Wrench}
      title="No tool yet"
      words={
        server.state === "connected"
          ? "The server answers, but it offers no tool."
          : "Its tools appear as soon as it answers."
      }
    />
  )
}

function ToolsSkeleton() {
  return (
    <div aria-busy="true" className="divide-y rounded border bg-surface">
      {["a", "b", "c", "d"].map((line) => (
        <div key={line} className="flex flex-col gap-2 px-4 py-3">
          <Skeleton className="h-3.5 w-40" />
          <Skeleton className="h-3 w-96 max-w-full" />
        </div>
      ))}
    </div>
  )
}
