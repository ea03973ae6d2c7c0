/** From one flow to the next: the same person's before and behind it, its conversation played, the two compared. */
import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { ChevronLeft, ChevronRight, GitCompareArrows, History } from "lucide-react"
import type { ReactNode } from "react"
import { neighboursQuery } from "@/api/compare"
import { flowQuery } from "@/api/flows"
import { may, useMe } from "@/api/me"
import type { FlowRow } from "@/api/shapes"
import { buttonStyle } from "@/ui/button"
import { cn } from "@/ui/cn"
import { Icon, type LucideIcon } from "@/ui/icon"
import { Tooltip } from "@/ui/tooltip"

export function FlowNeighbours({ flow_id }: { flow_id: string }) {
  const me = useMe()
  const { data } = useQuery(neighboursQuery(flow_id))
  const { data: flow } = useQuery(flowQuery(flow_id))
  const all = may(me, "flows.read")
  return (
    <nav aria-label="Flows of the same person" className="flex flex-wrap items-center gap-1">
      {all && flow?.conversation_id && (
        <Link
          to="/admin/playback"
          search={{ conversation: flow.conversation_id }}
          className={buttonStyle({ variant: "quiet", size: "sm" })}
        >
          <Icon of={History} size={14} />
          Play conversation
        </Link>
      )}
      {all && data?.previous && (
        <Link
          to="/admin/flows/$id"
          params={{ id: `${data.previous.flow_id}...${flow_id}` }}
          className={buttonStyle({ variant: "quiet", size: "sm" })}
        >
          <Icon of={GitCompareArrows} size={14} />
          Compare with previous
        </Link>
      )}
      <Neighbour flow={data?.previous ?? null} icon={ChevronLeft} words="Previous flow" all={all} />
      <Neighbour flow={data?.next ?? null} icon={ChevronRight} words="Next flow" all={all} />
    </nav>
  )
}

interface NeighbourProps {
  flow: FlowRow | null
  icon: LucideIcon
  words: string
  all: boolean
}

function Neighbour({ flow, icon, words, all }: NeighbourProps): ReactNode {
  const style = buttonStyle({ variant: "quiet", size: "sm" })
  const glyph = <Icon of={icon} label={words} />
  if (!flow)
    return (
      <span aria-disabled="true" className={cn(style, "px-1.5 opacity-40")}>
        {glyph}
      </span>
    )
  return (
    <Tooltip words={`${words} of the same person: ${flow.title}`}>
      <Link
        to={all ? "/admin/flows/$id" : "/flows/$id"}
        params={{ id: flow.flow_id }}
        className={cn(style, "px-1.5")}
      >
        {glyph}
      </Link>
    </Tooltip>
  )
}
