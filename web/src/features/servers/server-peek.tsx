/** A server in short, beside the list: its state, and its tools. */
import { useQuery } from "@tanstack/react-query"
import { errorState } from "@/api/pages"
import { ErrorState, Skeleton } from "@/ui/states"
import { serverQuery } from "./queries"
import { ServerHead } from "./server-head"
import { ToolsTab } from "./tools-tab"

export function ServerPeek({ server_id }: { server_id: string }) {
  const query = useQuery(serverQuery(server_id))
  const error = errorState(query)
  if (query.data)
    return (
      <div className="flex flex-col gap-4 p-4">
        <ServerHead server={query.data} />
        <ToolsTab server={query.data} />
      </div>
    )
  if (error) return <ErrorState title="This server cannot be shown" {...error} />
  return (
    <div aria-busy="true" className="flex flex-col gap-4 p-4">
      <Skeleton className="h-7 w-56" />
      <Skeleton className="h-40" />
    </div>
  )
}
