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
import { titled } from "./step-words"

export interface Kind {
  title: string
  icon: LucideIcon
  /** A colour of the tokens. */
  hue: string
  /** What it records, for the legend. */
  about: string
}

const unknown_kind = "A kind that this page does not know"

const kinds: Record<StepKind, Kind> = {
  auth_check: {
    title: "Sign-in",
    icon: KeyRound,
    hue: "var(--kind-auth)",
    about: "By what the caller is known",
  },
  block_check: {
    title: "Block check",
    icon: Ban,
    hue: "var(--kind-block)",
    about: "Whether the door is closed to the person",
  },
  usage_check: {
    title: "Credits",
    icon: Gauge,
    hue: "var(--kind-usage)",
    about: "Whether the credits suffice, and what was reserved",
  },
  mcp_access_check: {
    title: "Server access",
    icon: Plug,
    hue: "var(--kind-access)",
    about: "Which servers may be used, and by which rule",
  },
  tool_filter: {
    title: "Tools offered",
    icon: ListFilter,
    hue: "var(--kind-filter)",
    about: "Which tools were offered, and which rules removed others",
  },
  security_check: {
    title: "Security check",
    icon: Shield,
    hue: "var(--kind-security)",
    about: "What a detector found",
  },
  llm_thinking: { title: "Model", icon: Brain, hue: "var(--kind-model)", about: "A model is asked" },
  llm_complete: {
    title: "Model",
    icon: Sparkles,
    hue: "var(--kind-model)",
    about: "A model has answered: tokens, cost, first token",
  },
  approval: {
    title: "Approval",
    icon: Hand,
    hue: "var(--kind-approval)",
    about: "A person was asked to allow a call",
  },
  upstream_request: {
    title: "Server's question",
    icon: ArrowLeftRight,
    hue: "var(--kind-approval)",
    about: "A server asked something back",
  },
  tool_call: {
    title: "Tool call",
    icon: Wrench,
    hue: "var(--kind-tool)",
    about: "A call to a server, with its arguments",
  },
  tool_result: {
    title: "Tool result",
    icon: CornerDownLeft,
    hue: "var(--kind-tool)",
    about: "What came of a call",
  },
  usage_settled: {
    title: "Settled",
    icon: Receipt,
    hue: "var(--kind-usage)",
    about: "What was charged and what was returned",
  },
  blocked: {
    title: "Blocked",
    icon: OctagonX,
    hue: "var(--kind-error)",
    about: "The person was blocked while the flow ran",
  },
  error: { title: "Error", icon: CircleX, hue: "var(--kind-error)", about: "What went wrong, in full" },
  done: { title: "End", icon: Flag, hue: "var(--kind-done)", about: "The end, always last" },
}

/** A kind this page does not know yet is still shown, under its own name. */
export function kindOf(kind: string): Kind {
  return (
    kinds[kind as StepKind] ?? {
      title: titled(kind),
      icon: CircleHelp,
      hue: "var(--kind-done)",
      about: unknown_kind,
    }
  )
}

export const all_kinds = Object.keys(kinds) as StepKind[]
