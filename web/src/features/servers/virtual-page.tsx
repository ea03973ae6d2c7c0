/** Virtual servers: tools of several servers at one address, under bare names. */
import { useQuery } from "@tanstack/react-query"
import { getRouteApi, useNavigate } from "@tanstack/react-router"
import { Boxes, Plus } from "lucide-react"
import { may, useMe } from "@/api/me"
import { errorState } from "@/api/pages"
import { Button } from "@/ui/button"
import { Page } from "@/ui/page"
import { EmptyState, ErrorState, Skeleton } from "@/ui/states"
import { ServerViews } from "./server-views"
import { VirtualCard } from "./virtual-card"
import { VirtualDialog } from "./virtual-dialog"
import { virtualQuery } from "./virtual-queries"

const route = getRouteApi("/shell/admin/servers/virtual")

export function VirtualPage() {
  const { add, edit } = route.useSearch()
  const navigate = useNavigate({ from: "/admin/servers/virtual" })
  const query = useQuery(virtualQuery)
  const manage = may(useMe(), "servers.manage")
  const error = errorState(query)
  const look = (search: { add?: boolean; edit?: string }) => void navigate({ search, replace: true })
  const edited = query.data?.find((server) => server.server_id === edit)
  const addButton = (
    <Button variant="primary" icon={Plus} onClick={() => look({ add: true })}>
      Add virtual server
    </Button>
  )
  return (
    <Page
      title="Virtual servers"
      words="Tools of several servers at one address. Who may call a tool is decided at its real server."
      actions={manage && addButton}
      bar={<ServerViews value="virtual" />}
    >
      {query.data?.length === 0 ? (
        <div className="rounded border bg-surface">
          <EmptyState
            icon={Boxes}
            title="No virtual server yet"
            words="Pick the few tools that one team or one client needs, and give it an address of their own."
          >
            {manage && addButton}
          </EmptyState>
        </div>
      ) : query.data ? (
        <ul className="grid gap-4 xl:grid-cols-2">
          {query.data.map((server) => (
            <li key={server.server_id} className="min-w-0">
              <VirtualCard server={server} manage={manage} onEdit={() => look({ edit: server.server_id })} />
            </li>
          ))}
        </ul>
      ) : error ? (
        <ErrorState {...error} />
      ) : (
        <Skeleton className="h-40" />
      )}
      {manage && (add || edited) && (
        <VirtualDialog key={edited?.server_id ?? "new"} server={edited ?? null} onClose={() => look({})} />
      )}
    </Page>
  )
}
