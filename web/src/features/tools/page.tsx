/** My tools: the servers that I may use, how they are, and what they offer me. */
import { useQuery } from "@tanstack/react-query"
import { getRouteApi } from "@tanstack/react-router"
import { Plug } from "lucide-react"
import { useState } from "react"
import { accessOfQuery } from "@/api/access"
import { useMe } from "@/api/me"
import { errorState } from "@/api/pages"
import { type ServerSignIn, signInsQuery } from "@/api/sign-ins"
import type { AccessOfPerson } from "@/api/types"
import { count, plural } from "@/lib/format"
import { Button } from "@/ui/button"
import { Card } from "@/ui/card"
import { SearchInput } from "@/ui/input"
import { FilterBar, Page } from "@/ui/page"
import { ServerStateLabel } from "@/ui/server-state"
import { EmptyState, ErrorState, Skeleton } from "@/ui/states"
import { SignInLine, SignInNotice } from "./sign-in"

const route = getRouteApi("/shell/tools")

type Server = AccessOfPerson["servers"][number]

export function ToolsPage() {
  const { user } = useMe()
  const query = useQuery(accessOfQuery(user.user_id))
  const [q, setQ] = useState("")
  const error = errorState(query)
  return (
    <Page
      title="My tools"
      words="What you may use, in chat and through MCP alike. Administrators grant servers and tools."
      bar={
        <FilterBar>
          <SearchInput value={q} onValue={setQ} label="Search tools" className="w-full sm:w-72" />
        </FilterBar>
      }
    >
      <Outcome servers={query.data?.servers} />
      {query.data ? (
        <Servers servers={query.data.servers} q={q.trim().toLowerCase()} />
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

function Servers({ servers, q }: { servers: readonly Server[]; q: string }) {
  const { connect } = route.useSearch()
  const signIns = useQuery(signInsQuery).data?.items ?? []
  const mine = servers.filter((server) => server.allowed)
  if (mine.length === 0) {
    return (
      <EmptyState
        icon={Plug}
        title="No server is granted to you yet"
        words="Ask an administrator to grant one to you or to your role."
      />
    )
  }
  const shown = mine
    .map((server) => ({
      server,
      tools: matching(server, q),
      signIn: signIns.find((one) => one.server_id === server.server_id),
    }))
    .filter(({ tools }) => tools.length > 0 || !q)
    .sort((one, other) => Number(asks(other.signIn)) - Number(asks(one.signIn)))
  if (shown.length === 0) return <EmptyState title="No tool matches" words="Try a part of its name." />
  return shown.map(({ server, tools, signIn }) => (
    <ServerCard
      key={server.server_id}
      server={server}
      tools={tools}
      signIn={signIn}
      asked={server.slug === connect}
    />
  ))
}

interface ServerCardProps {
  server: Server
  tools: Server["tools"]
  signIn: ServerSignIn | undefined
  /** Somebody followed a link that asks for the account here. */
  asked: boolean
}

function ServerCard({ server, tools, signIn, asked }: ServerCardProps) {
  /** It is away for want of a sign-in, which its line says. */
  const away = server.state === "down" || server.state === "sign_in_needed"
  const waits = away && signIn !== undefined && signIn.state !== "connected"
  const denied = server.tools.filter((tool) => !tool.allowed).length
  return (
    <Card
      title={server.title}
      words={
        <>
          <code>{server.slug}</code>
          {" \u00b7 "}
          {plural(server.tools.length - denied, "tool")}
          {denied > 0 && `, ${denied} more not allowed`}
        </>
      }
      actions={!waits && <ServerStateLabel state={server.state} className="text-xs" />}
      flush
    >
      {signIn && <SignInLine signIn={signIn} asked={asked} />}
      {away && !waits && (
        <p className="px-4 py-2.5 text-fg-2">
          It does not answer right now. Administrators see why; there is nothing for you to do.
        </p>
      )}
      {tools.length > 0 && <ToolList tools={tools} />}
    </Card>
  )
}

const shown_at_first = 60

function ToolList({ tools }: { tools: Server["tools"] }) {
  const [all, setAll] = useState(false)
  const shown = all ? tools : tools.slice(0, shown_at_first)
  return (
    <>
      <ul className="grid sm:grid-cols-2 xl:grid-cols-3">
        {shown.map((tool) => (
          <li key={tool.name} className="flex min-w-0 flex-col gap-0.5 px-4 py-2.5">
            <code className="truncate font-medium text-xs">{tool.name}</code>
            {tool.title && tool.title !== tool.name && (
              <span className="truncate text-fg-2 text-xs">{tool.title}</span>
            )}
          </li>
        ))}
      </ul>
      {shown.length < tools.length && (
        <Button variant="quiet" className="mx-2 mb-2" onClick={() => setAll(true)}>
          Show all {count(tools.length)} tools
        </Button>
      )}
    </>
  )
}

/** Whether a server waits for something that only I can do: it comes first. */
function asks(signIn: ServerSignIn | undefined): boolean {
  return signIn?.may_connect === true && signIn.state !== "connected"
}

function matching(server: Server, q: string): Server["tools"] {
  const allowed = server.tools.filter((tool) => tool.allowed)
  if (!q || server.slug.includes(q)) return allowed
  return allowed.filter((tool) => `${tool.name} ${tool.title ?? ""}`.toLowerCase().includes(q))
}
