/** My tools: the servers that I may use, how they are, and what they offer me. */
import { useQuery } from "@tanstack/react-query"
import { getRouteApi } from "@tanstack/react-router"
import { Plug } from "lucide-react"
import { useState } from "react"
import { accessOfQuery } from "@/api/access"
import { useMe } from "@/api/me"
import { errorState } from "@/api/pages"
import { signInsQuery } from "@/api/sign-ins"
import { FilterBar, Page } from "@/ui/page"
import { SearchField } from "@/ui/search-field"
import { EmptyState, ErrorState, Skeleton } from "@/ui/states"
import { type Offers, offersQuery } from "./queries"
import { ServerCard } from "./server-card"
import { kindsOf, type Server, shown } from "./shown"
import { SignInNotice } from "./sign-in"

const route = getRouteApi("/shell/tools")

export function ToolsPage() {
  const { user } = useMe()
  const query = useQuery(accessOfQuery(user.user_id))
  const offers = useQuery(offersQuery(user.user_id, ""))
  const [q, setQ] = useState("")
  const error = errorState(query)
  return (
    <Page
      title="My tools"
      words="What you may use: tools in chat and through MCP alike, prompts and resources through MCP. Administrators grant them."
      bar={
        <FilterBar>
          <SearchField
            value={q}
            onValue={setQ}
            label="Search tools, prompts, resources"
            className="w-full sm:w-80"
          />
        </FilterBar>
      }
    >
      <Outcome servers={query.data?.servers} />
      {query.data && !offers.isPending ? (
        <Servers servers={query.data.servers} offers={offers.data} q={q} />
      ) : error ? (
        <ErrorState {...error} />
      ) : (
        <div aria-busy="true" className="flex flex-col gap-4">
          <Skeleton className="h-44 rounded" />
          <Skeleton className="h-28 rounded" />
        </div>
      )}
    </Page>
  )
}

/** What came of the sign-in that the browser returns from. */
function Outcome({ servers }: { servers: readonly Server[] | undefined }) {
  const { outcome, connect } = route.useSearch()
  const navigate = route.useNavigate()
  if (!outcome || !servers) return null
  const title = servers.find((server) => server.slug === connect)?.title ?? "this server"
  return (
    <SignInNotice
      outcome={outcome}
      title={title}
      onClose={() => void navigate({ search: {}, replace: true })}
    />
  )
}

interface ServersProps {
  servers: readonly Server[]
  /** All of them, whatever is searched for. */
  offers: Offers | undefined
  q: string
}

function Servers({ servers, offers, q }: ServersProps) {
  const { user } = useMe()
  const { connect } = route.useSearch()
  const signIns = useQuery(signInsQuery).data?.items ?? []
  const found = useQuery(offersQuery(user.user_id, q.trim()))
  const error = errorState(found)
  if (!servers.some((server) => server.allowed)) {
    return (
      <EmptyState
        icon={Plug}
        title="No server is granted to you yet"
        words="Ask an administrator to grant one to you or to your role."
      />
    )
  }
  const rows = shown({ servers, offers: found.data, signIns }, q)
  return (
    <>
      {rows.map((row) => (
        <ServerCard
          {...row}
          key={row.server.server_id}
          all={kindsOf(offers, row.server)}
          q={q.trim()}
          asked={row.server.slug === connect}
        />
      ))}
      {error && <ErrorState {...error} title="Prompts and resources could not be loaded" />}
      {found.isFetching && rows.length === 0 && <Skeleton className="h-28 rounded" />}
      {found.isSuccess && !found.isFetching && rows.length === 0 && (
        <EmptyState title="Nothing matches" words="Try a part of its name, or of what it is for." />
      )}
    </>
  )
}
