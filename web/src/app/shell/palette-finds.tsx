/** What the palette finds beyond pages and people: servers, tools, and flows by their id. */
import { useQuery } from "@tanstack/react-query"
import { Plug, Workflow, Wrench } from "lucide-react"
import { useDeferredValue } from "react"
import { accessOfQuery } from "@/api/access"
import { flowsById } from "@/api/flows"
import { may, useMe } from "@/api/me"
import type { AccessOfPerson } from "@/api/types"
import { shortId } from "@/lib/format"
import { finds, looksLikeId } from "./finds"
import { Group, Item } from "./palette-item"

export interface Found {
  to: "/tools" | "/admin/servers/$id" | "/admin/flows/$id" | "/flows/$id"
  id: string
}

interface FindsProps {
  query: string
  onChoose: (found: Found) => void
}

export function Servers({ query, onChoose }: FindsProps) {
  const { servers, to } = useServers()
  const found = finds(servers, query)
  return (
    <>
      {found.servers.length > 0 && (
        <Group heading="Servers" forceMount>
          {found.servers.map((server) => (
            <Item
              key={server.slug}
              icon={Plug}
              value={`server ${server.slug} ${query}`}
              onSelect={() => onChoose({ to, id: server.server_id })}
            >
              <span className="truncate">{server.title}</span>
              <span className="truncate font-mono text-fg-2 text-xs">{server.slug}</span>
            </Item>
          ))}
        </Group>
      )}
      {found.tools.length > 0 && (
        <Group heading="Tools" forceMount>
          {found.tools.map(({ server, tool }) => (
            <Item
              key={`${server.slug}.${tool.name}`}
              icon={Wrench}
              value={`tool ${server.slug}.${tool.name} ${query}`}
              onSelect={() => onChoose({ to, id: server.server_id })}
            >
              <span className="truncate font-mono text-xs">
                {server.slug}.{tool.name}
              </span>
              {tool.title && <span className="truncate text-fg-2">{tool.title}</span>}
            </Item>
          ))}
        </Group>
      )}
    </>
  )
}

export function Flows({ query, onChoose }: FindsProps) {
  const q = useDeferredValue(query.trim().toLowerCase())
  const to = may(useMe(), "flows.read") ? "/admin/flows/$id" : "/flows/$id"
  const { data } = useQuery({ ...flowsById(q), enabled: looksLikeId(q) })
  const flows = looksLikeId(q) ? (data?.items.filter((flow) => flow.flow_id.startsWith(q)) ?? []) : []
  if (flows.length === 0) return null
  return (
    <Group heading="Flows" forceMount>
      {flows.map((flow) => (
        <Item
          key={flow.flow_id}
          icon={Workflow}
          value={`flow ${flow.flow_id} ${query}`}
          onSelect={() => onChoose({ to, id: flow.flow_id })}
        >
          <span className="min-w-0 flex-1 truncate">{flow.title}</span>
          <span className="shrink-0 font-mono text-fg-2 text-xs">{shortId(flow.flow_id)}</span>
        </Item>
      ))}
    </Group>
  )
}

/** All servers for who may read them, with a page each; else those that the person may use. */
function useServers(): { servers: AccessOfPerson["servers"]; to: Found["to"] } {
  const me = useMe()
  const reads = may(me, "servers.read")
  const { data } = useQuery(accessOfQuery(me.user.user_id))
  const servers = data?.servers ?? []
  if (reads) return { servers, to: "/admin/servers/$id" }
  const mine = servers
    .filter((server) => server.allowed)
    .map((server) => ({ ...server, tools: server.tools.filter((tool) => tool.allowed) }))
  return { servers: mine, to: "/tools" }
}
