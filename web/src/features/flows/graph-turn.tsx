/** A turn of a conversation that is folded, or whose steps cannot be shown: its question and what came of it. */
import { verdicts } from "@/ui/badge"
import { cn } from "@/ui/cn"
import { Icon } from "@/ui/icon"
import type { GraphNode } from "./graph"

/** Behind what can be opened lie its steps. */
const stacked =
  "shadow-[3px_3px_0_-1px_var(--surface),3px_3px_0_0_var(--border-strong),6px_6px_0_-1px_var(--surface),6px_6px_0_0_var(--border)]"

export function TurnBox({ node }: { node: GraphNode }) {
  const { icon, words, tone } = verdicts[node.verdict]
  const bad = tone === "bad"
  return (
    <span
      className={cn(
        "flex h-[calc(100%-6px)] flex-col justify-center gap-1 rounded border bg-raised px-2.5 text-left",
        bad ? "border-bad" : "border-border-strong",
        node.shape === "turn" ? stacked : "border-dashed",
      )}
    >
      <span className="line-clamp-2 break-words text-xs">
        {node.shape === "turn" && <span className="sr-only">Open </span>}
        {node.title}
      </span>
      <span className="flex items-center gap-1 whitespace-nowrap text-2xs text-fg-3">
        <span className={cn("inline-flex items-center gap-1", bad ? "text-bad" : "text-fg-2")}>
          <Icon of={icon} size={11} className={node.verdict === "running" ? "animate-turn" : undefined} />
          {words}
        </span>
        <span className="tabular truncate">{node.words}</span>
      </span>
    </span>
  )
}
