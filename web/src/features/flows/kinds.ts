/** The kinds of a step: name, icon and hue, the same wherever a step is shown. */
import {
  ArrowLeftRight,
  Ban,
  Brain,
  CircleHelp,
  CircleX,
  CornerDownLeft,
  Flag,
  Gauge,
  Hand,
  KeyRound,
  ListFilter,
  OctagonX,
  Plug,
  Receipt,
  Shield,
  Sparkles,
  Wrench,
} from "lucide-react"
import type { StepKind } from "@/api/shapes"
import type { LucideIcon } from "@/ui/icon"

export interface Kind {
  title: string
  icon: LucideIcon
  /** A colour of the tokens. */
  hue: string
}

const kinds: Record<StepKind, Kind> = {
  auth_check: { title: "Sign-in", icon: KeyRound, hue: "var(--kind-auth)" },
  block_check: { title: "Block check", icon: Ban, hue: "var(--kind-block)" },
  usage_check: { title: "Credits", icon: Gauge, hue: "var(--kind-usage)" },
  mcp_access_check: { title: "Server access", icon: Plug, hue: "var(--kind-access)" },
  tool_filter: { title: "Tools offered", icon: ListFilter, hue: "var(--kind-filter)" },
  security_check: { title: "Security check", icon: Shield, hue: "var(--kind-security)" },
  llm_thinking: { title: "Model", icon: Brain, hue: "var(--kind-model)" },
  llm_complete: { title: "Model", icon: Sparkles, hue: "var(--kind-model)" },
  approval: { title: "Approval", icon: Hand, hue: "var(--kind-approval)" },
  upstream_request: { title: "Server's question", icon: ArrowLeftRight, hue: "var(--kind-approval)" },
  tool_call: { title: "Tool call", icon: Wrench, hue: "var(--kind-tool)" },
  tool_result: { title: "Tool result", icon: CornerDownLeft, hue: "var(--kind-tool)" },
  usage_settled: { title: "Settled", icon: Receipt, hue: "var(--kind-usage)" },
  blocked: { title: "Blocked", icon: OctagonX, hue: "var(--kind-error)" },
  error: { title: "Error", icon: CircleX, hue: "var(--kind-error)" },
  done: { title: "End", icon: Flag, hue: "var(--kind-done)" },
}

/** A kind this page does not know yet is still shown, under its own name. */
export function kindOf(kind: string): Kind {
  return kinds[kind as StepKind] ?? { title: kind, icon: CircleHelp, hue: "var(--kind-done)" }
}
