/** One tool: its name, what it does, what is special about it; open, everything that can be decided. */
import { Link } from "@tanstack/react-router"
import { ChevronRight, Play } from "lucide-react"
import { may, useMe } from "@/api/me"
import type { ToolView } from "@/api/shapes"
import { credits } from "@/lib/format"
import { Switch } from "@/ui/choice"
import { cn } from "@/ui/cn"
import { CopyValue } from "@/ui/copy"
import { Icon } from "@/ui/icon"
import { JsonView } from "@/ui/json-view"
import { DefinitionCard } from "./definition-card"
import { ToolBadges } from "./tool-badges"
import { useSwitchTool } from "./tool-queries"
import { ToolSettings } from "./tool-settings"

interface ToolLineProps {
  server_id: string
  tool: ToolView
  open: boolean
  onOpen: (open: boolean) => void
}

export function ToolLine({ server_id, tool, open, onOpen }: ToolLineProps) {
  const change = useSwitchTool(server_id)
  const me = useMe()
  const manage = may(me, "servers.manage")
  const priced = tool.price_micros ? `${credits(tool.price_micros, me.credit_micros)} credits` : "free"
  const words = tool.shown_description ?? tool.description
  return (
    <>
      <div className="flex items-center gap-3 pr-4 transition-colors hover:bg-hover">
        <button
          type="button"
          aria-expanded={open}
          onClick={() => onOpen(!open)}
          className="flex min-h-14 min-w-0 flex-1 items-center gap-2.5 py-2.5 pl-3 text-left focus-visible:outline-offset-[-2px]"
        >
          <Icon
            of={ChevronRight}
            size={14}
            className={cn("text-fg-3 transition-transform", open && "rotate-90")}
          />
          <span className={cn("flex min-w-0 flex-1 flex-col", !tool.enabled && "text-fg-2")}>
            <span className="flex flex-wrap items-center gap-2">
              <code className="break-all font-medium text-xs">{tool.renamed ?? tool.name}</code>
              {tool.renamed && <code className="break-all text-fg-3 text-xs">{tool.name}</code>}
              <ToolBadges tool={tool} />
            </span>
            <span className={cn("text-fg-2 text-xs", open ? "whitespace-pre-wrap" : "truncate")}>
              {words}
            </span>
          </span>
        </button>
        <span className="tabular shrink-0 text-fg-2 text-xs max-sm:hidden">{priced}</span>
        <Switch
          checked={tool.enabled}
          disabled={!manage}
          onChecked={(enabled) => change.mutate({ name: tool.name, enabled })}
          label={`Offer ${tool.name}`}
          hideLabel
        />
      </div>
      {open && <ToolDetail server_id={server_id} tool={tool} manage={manage} />}
    </>
  )
}

interface ToolDetailProps {
  server_id: string
  tool: ToolView
  manage: boolean
}

function ToolDetail({ server_id, tool, manage }: ToolDetailProps) {
  const pinned = Object.keys(tool.input_schema).length > 0
  return (
    <div className="flex min-w-0 flex-col gap-4 px-4 pt-2 pb-4 sm:pl-10">
      {tool.held_at && <DefinitionCard server_id={server_id} tool={tool} manage={manage} />}
      <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-fg-3 text-xs">
        <span className="flex min-w-0 max-w-full items-center gap-1">
          At /mcp <CopyValue value={tool.exposed} label="Copy name" />
        </span>
        <span className="flex min-w-0 max-w-full items-center gap-1">
          at its own address <CopyValue value={tool.bare} label="Copy bare name" />
        </span>
        {manage && (
          <Link
            to="/admin/servers/$id"
            params={{ id: server_id }}
            search={{ tab: "try", tool: tool.name }}
            className="inline-flex items-center gap-1 text-accent-text hover:underline"
          >
            <Icon of={Play} size={12} />
            Try it
          </Link>
        )}
      </p>
      {pinned && (
        <div className="grid gap-4 lg:grid-cols-2">
          <Schema title="Arguments" value={tool.input_schema} />
          {tool.output_schema && <Schema title="Result" value={tool.output_schema} />}
        </div>
      )}
      {manage && <ToolSettings server_id={server_id} tool={tool} />}
    </div>
  )
}

function Schema({ title, value }: { title: string; value: ToolView["input_schema"] }) {
  return (
    <section className="min-w-0">
      <h3 className="mb-1 font-medium text-fg-3 text-xs">{title}</h3>
      <JsonView value={value} label={`${title.toLowerCase()} schema`} open={3} />
    </section>
  )
}
