/** Every tool of every server, to be ticked. */
import { useQueries, useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { serversQuery } from "@/api/servers"
import type { ServerView, ToolView } from "@/api/shapes"
import { count } from "@/lib/format"
import { Checkbox } from "@/ui/choice"
import { SearchInput } from "@/ui/input"
import { Skeleton } from "@/ui/states"
import { narrowed } from "./many-tools"
import { toolsQuery } from "./tool-queries"
import { keyOf, type Picked, toggled } from "./virtual-choice"

interface ToolPickerProps {
  picked: readonly Picked[]
  onPicked: (picked: Picked[]) => void
}

export function ToolPicker({ picked, onPicked }: ToolPickerProps) {
  const [q, setQ] = useState("")
  const servers = useQuery(serversQuery).data ?? []
  const lists = useQueries({ queries: servers.map((server) => toolsQuery(server.server_id)) })
  const loading = lists.some((list) => list.isPending)
  const needle = q.trim().toLowerCase()
  return (
    <section aria-label="Tools to choose from" className="min-w-0">
      <h3 className="mb-1.5 font-medium text-xs">Tools</h3>
      <SearchInput label="Search tools" value={q} onValue={setQ} className="mb-2" />
      <div className="flex max-h-[42vh] flex-col gap-3 overflow-y-auto rounded border p-2.5">
        {loading && <Skeleton className="h-24" />}
        {servers.map((server, index) => (
          <ServerTools
            key={server.server_id}
            server={server}
            tools={lists[index]?.data?.items ?? []}
            q={named(server).includes(needle) ? "" : q}
            picked={picked}
            onPicked={onPicked}
          />
        ))}
      </div>
    </section>
  )
}

function named(server: ServerView): string {
  return `${server.title} ${server.slug}`.toLowerCase()
}

interface ServerToolsProps extends ToolPickerProps {
  server: ServerView
  tools: readonly ToolView[]
  q: string
}

function ServerTools({ server, tools, q, picked, onPicked }: ServerToolsProps) {
  const { shown, left } = narrowed(tools, q)
  if (shown.length === 0) return null
  const chosen = new Set(picked.map(keyOf))
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="mb-1 font-medium text-fg-2 text-xs">{server.title}</legend>
      {shown.map((tool) => (
        <Checkbox
          key={tool.name}
          checked={chosen.has(keyOf({ server_id: server.server_id, tool: tool.name }))}
          onChecked={() => onPicked(toggled(picked, server, tool))}
          label={tool.renamed ?? tool.name}
        />
      ))}
      {left > 0 && <p className="text-fg-3 text-xs">{count(left)} more. Search to find them.</p>}
    </fieldset>
  )
}
