/** What a probe found: the tools, the revision and the latency, or why there was no answer. */
import { CircleCheck, KeyRound, Unplug } from "lucide-react"
import type { ProbeView } from "@/api/shapes"
import { plural } from "@/lib/format"
import { duration } from "@/lib/time"
import { Chips } from "@/ui/chips"
import { Icon } from "@/ui/icon"

export function ProbeResult({ probe }: { probe: ProbeView }) {
  if (probe.code === "server_sign_in_needed")
    return (
      <div
        role="status"
        className="mt-4 flex gap-3 rounded border border-info/30 border-l-3 border-l-info bg-info-soft px-3 py-2.5"
      >
        <Icon of={KeyRound} className="mt-0.5 text-info" />
        <div className="min-w-0">
          <p className="font-medium">It is there</p>
          <p className="break-words text-fg-2">{probe.detail}</p>
        </div>
      </div>
    )
  if (!probe.ok)
    return (
      <div
        role="alert"
        className="mt-4 flex gap-3 rounded border border-bad/30 border-l-3 border-l-bad bg-bad-soft px-3 py-2.5"
      >
        <Icon of={Unplug} className="mt-0.5 text-bad" />
        <div className="min-w-0">
          <p className="font-medium">It did not answer</p>
          <p className="break-words text-fg-2">{probe.detail}</p>
          {probe.code && <code className="text-fg-3 text-xs">{probe.code}</code>}
        </div>
      </div>
    )
  const facts = [
    probe.server_name,
    probe.revision && `MCP ${probe.revision}`,
    probe.latency_ms !== null && duration(probe.latency_ms),
  ].filter(Boolean)
  return (
    <div
      role="status"
      className="mt-4 flex gap-3 rounded border border-ok/30 border-l-3 border-l-ok bg-ok-soft px-3 py-2.5"
    >
      <Icon of={CircleCheck} className="mt-0.5 text-ok" />
      <div className="min-w-0 flex-1">
        <p className="font-medium">It answers with {plural(probe.tools.length, "tool")}</p>
        <p className="tabular mb-2 text-fg-2 text-xs">{facts.join(", ")}</p>
        <Chips
          items={probe.tools.map((tool) => ({
            key: tool.name,
            words: tool.name,
            note: tool.description.slice(0, 200) || undefined,
          }))}
        />
      </div>
    </div>
  )
}
