/** From a refusal to where it is decided: what a person may use, their credits, their blocks. */
import { Link } from "@tanstack/react-router"
import { ArrowRight } from "lucide-react"
import { may, useMe } from "@/api/me"
import type { FlowRow } from "@/api/shapes"
import { Icon } from "@/ui/icon"
import type { Refusal } from "./outcome"

const words: Record<Refusal, string> = {
  access: "See what they may use, and why",
  budget: "See their credits",
  blocks: "See their blocks",
}

export function NextStep({ flow, refused }: { flow: FlowRow; refused: Refusal }) {
  if (!may(useMe(), "users.read")) return null
  return (
    <Link
      to="/admin/people/$id"
      params={{ id: flow.user_id }}
      search={refused === "access" ? {} : { tab: refused }}
      className="inline-flex items-center gap-1 self-start text-accent-text hover:underline"
    >
      {words[refused]}
      <Icon of={ArrowRight} size={14} />
    </Link>
  )
}
