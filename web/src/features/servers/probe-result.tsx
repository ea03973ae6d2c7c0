/** What a probe found: what the server offers, the revision and the latency, or why there was no answer. */
import { CircleCheck, KeyRound, type LucideIcon, Unplug } from "lucide-react"
import type { ReactNode } from "react"
import type { ProbeView } from "@/api/shapes"
import { duration } from "@/lib/time"
import { Chips } from "@/ui/chips"
import { cn } from "@/ui/cn"
import { Icon } from "@/ui/icon"
import { useReveal } from "@/ui/reveal"
import { type Failure, failureOf, offerWords } from "./probe-words"

export function ProbeResult({ probe }: { probe: ProbeView }) {
  if (probe.code === "server_sign_in_needed")
    return (
      <Outcome look="info" title="It is there">
        <p className="break-words text-fg-2">{probe.detail}</p>
      </Outcome>
    )
  return probe.ok ? <Answered probe={probe} /> : <Unanswered probe={probe} failure={failureOf(probe)} />
}

function Unanswered({ probe, failure }: { probe: ProbeView; failure: Failure }) {
  return (
    <Outcome look="bad" title={failure.title}>
      <p className="break-words text-fg-2">{probe.detail}</p>
      {failure.next && <p className="mt-1 break-words">{failure.next}</p>}
      {probe.code && <code className="text-fg-3 text-xs">{probe.code}</code>}
    </Outcome>
  )
}

function Answered({ probe }: { probe: ProbeView }) {
  const facts = [
    probe.server_name,
    probe.revision && `MCP ${probe.revision}`,
    probe.latency_ms !== null && duration(probe.latency_ms),
  ].filter(Boolean)
  return (
    <Outcome look="ok" title={`It answers with ${offerWords(probe)}`}>
      <p className="tabular mb-2 text-fg-2 text-xs">{facts.join(", ")}</p>
      <Chips
        items={probe.tools.map((tool) => ({
          key: tool.name,
          words: tool.name,
          note: tool.description.slice(0, 200) || undefined,
        }))}
      />
    </Outcome>
  )
}

type Look = "ok" | "info" | "bad"

const looks: Record<Look, { icon: LucideIcon; box: string; colour: string }> = {
  ok: { icon: CircleCheck, box: "border-ok/30 border-l-ok bg-ok-soft", colour: "text-ok" },
  info: { icon: KeyRound, box: "border-info/30 border-l-info bg-info-soft", colour: "text-info" },
  bad: { icon: Unplug, box: "border-bad/30 border-l-bad bg-bad-soft", colour: "text-bad" },
}

/** Comes into view by itself: it stands below a form that fills the window of a phone. */
function Outcome({ look, title, children }: { look: Look; title: string; children: ReactNode }) {
  const { icon, box, colour } = looks[look]
  const element = useReveal<HTMLDivElement>(true)
  return (
    <div
      ref={element}
      role={look === "bad" ? "alert" : "status"}
      className={cn("mt-4 flex scroll-mb-4 gap-3 rounded border border-l-3 px-3 py-2.5", box)}
    >
      <Icon of={icon} className={cn("mt-0.5", colour)} />
      <div className="min-w-0 flex-1">
        <p className="font-medium">{title}</p>
        {children}
      </div>
    </div>
  )
}
