/** What is special about a tool: what waits, what an administrator said of it, what its server says. */
import { EyeOff, Hand, ShieldAlert, ShieldX } from "lucide-react"
import type { ToolLabel, ToolView } from "@/api/shapes"
import { Badge } from "@/ui/badge"

export const labels: Record<ToolLabel, { words: string; help: string }> = {
  reads_private: { words: "Reads private data", help: "Its results may hold what is not for everybody." },
  reads_untrusted: { words: "Reads untrusted text", help: "Strangers may write what it returns." },
  writes_external: { words: "Writes outside", help: "What it is given leaves the organisation." },
  destructive: { words: "Destructive", help: "It changes or deletes what cannot be brought back." },
}

export const label_names = Object.keys(labels) as ToolLabel[]

export function ToolBadges({ tool }: { tool: ToolView }) {
  const { destructiveHint, readOnlyHint } = tool.annotations
  const destructive = tool.labels.includes("destructive")
  return (
    <>
      {tool.held_at && (
        <Badge tone={tool.rejected_at ? "bad" : "warn"} icon={tool.rejected_at ? ShieldX : ShieldAlert}>
          {tool.rejected_at ? "Rejected" : "Waits for you"}
        </Badge>
      )}
      {tool.hidden.length > 0 && (
        <Badge tone="bad" icon={EyeOff} title={`Nobody sees, but a model reads: ${tool.hidden.join(", ")}`}>
          Hidden characters
        </Badge>
      )}
      {!tool.enabled && <Badge>Off</Badge>}
      {tool.labels.map((label) => (
        <Badge
          key={label}
          tone={label === "destructive" ? "warn" : "info"}
          icon={Hand}
          title={labels[label].help}
        >
          {labels[label].words}
        </Badge>
      ))}
      {readOnlyHint === true && <Badge title="Its server says so">Reads only</Badge>}
      {destructiveHint === true && readOnlyHint !== true && !destructive && (
        <Badge tone="warn" title="Its server says so">
          Destructive
        </Badge>
      )}
    </>
  )
}
