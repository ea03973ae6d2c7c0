/** An answer that did not end well, in words: what, why, and what to do. */
import { CircleHelp, CircleSlash, CircleX, ShieldX } from "lucide-react"
import { clock } from "@/lib/time"
import { Icon, type LucideIcon } from "@/ui/icon"
import { AskForAccess } from "./ask-for-access"
import { useChat } from "./store"
import type { Ending } from "./turn"

type Bad = Exclude<Ending["status"], "ok">

const looks: Record<Bad, { icon: LucideIcon; title: string; words: string; tone: "bad" | "quiet" }> = {
  denied: { icon: ShieldX, title: "Not allowed", words: "A rule forbids this.", tone: "bad" },
  blocked: {
    icon: ShieldX,
    title: "Ended by a block",
    words: "An administrator paused your access.",
    tone: "bad",
  },
  failed: { icon: CircleX, title: "The answer failed", words: "Something broke on the way.", tone: "bad" },
  cancelled: { icon: CircleSlash, title: "Stopped", words: "", tone: "quiet" },
  unknown: {
    icon: CircleHelp,
    title: "How this ended is unknown",
    words: "The server that was answering went away. What it had said until then stands above.",
    tone: "quiet",
  },
}

export function EndingNote({ ending, flow_id }: { ending: Ending; flow_id: string }) {
  const look = looks[ending.status as Bad]
  const next = useNextStep(ending)
  const words = ending.detail || look.words
  if (ending.status === "cancelled") {
    return (
      <p className="flex items-center gap-1.5 text-fg-3">
        <Icon of={look.icon} size={14} />
        Stopped{ending.detail ? `: ${ending.detail}` : ""}
      </p>
    )
  }
  return (
    <div
      className={
        look.tone === "bad"
          ? "flex gap-3 rounded border border-bad/25 border-l-2 border-l-bad bg-bad-soft px-3.5 py-3"
          : "flex gap-3 rounded border bg-sunken px-3.5 py-3"
      }
    >
      <Icon of={look.icon} className={look.tone === "bad" ? "mt-0.5 text-bad" : "mt-0.5 text-fg-3"} />
      <div className="min-w-0 flex-1">
        <p className="font-medium">{titleOf(ending, look.title)}</p>
        <p className="mt-0.5 break-words text-fg-2">{words}</p>
        {ending.rule && (
          <p className="mt-1 text-fg-2">
            Decided by the rule{" "}
            <code className="rounded-xs bg-surface px-1 py-0.5 text-xs">{ending.rule}</code>
          </p>
        )}
        {next && <p className="mt-1 text-fg-2">{next}</p>}
        {ending.status === "denied" && (
          <AskForAccess
            title={ending.code === "budget_exhausted" ? "Ask for credits" : undefined}
            what={words}
            rule={ending.rule}
            flow_id={flow_id}
          />
        )}
      </div>
    </div>
  )
}

function titleOf(ending: Ending, usual: string): string {
  return ending.code === "budget_exhausted" ? "No credits left" : usual
}

function useNextStep(ending: Ending): string | null {
  const resets_at = useChat((state) => state.welcome?.resets_at)
  if (ending.code === "budget_exhausted" && resets_at) {
    return `Your credits are full again at ${clock(new Date(resets_at))}.`
  }
  return ending.status === "denied"
    ? "If you need it for your work, ask your administrator for access."
    : null
}
