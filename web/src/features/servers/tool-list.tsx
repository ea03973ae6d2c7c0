/** The lines of tools, and which of them are open. */
import { useState } from "react"
import type { ToolView } from "@/api/shapes"
import { VirtualList } from "@/ui/virtual-list"
import { ToolLine } from "./tool-line"

interface ToolListProps {
  server_id: string
  tools: readonly ToolView[]
}

export function ToolList({ server_id, tools }: ToolListProps) {
  /** Kept here, and not by the lines: one that is scrolled away stays open. */
  const [chosen, setChosen] = useState<Record<string, boolean>>({})
  const isOpen = (tool: ToolView) => chosen[tool.name] ?? (tool.held_at !== null && tool.rejected_at === null)
  return (
    <VirtualList
      items={tools}
      itemKey={(tool) => tool.name}
      line_px={57}
      keeps={isOpen}
      className="divide-y rounded border bg-surface"
      line={(tool) => (
        <ToolLine
          server_id={server_id}
          tool={tool}
          open={isOpen(tool)}
          onOpen={(open) => setChosen((now) => ({ ...now, [tool.name]: open }))}
        />
      )}
    />
  )
}
