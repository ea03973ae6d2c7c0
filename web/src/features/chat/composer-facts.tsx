/** Beside the model: how many tools answers may use, and the credits that are left. */
import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { Wrench } from "lucide-react"
import { accessOfQuery } from "@/api/access"
import { useMe } from "@/api/me"
import { credits, plural } from "@/lib/format"
import { Icon } from "@/ui/icon"
import { useChat } from "./store"

export function ToolsChip() {
  const { user } = useMe()
  const { data } = useQuery(accessOfQuery(user.user_id))
  if (!data) return null
  const tools = data.servers.flatMap((server) =>
    server.allowed && server.state === "connected" ? server.tools.filter((tool) => tool.allowed) : [],
  )
  return (
    <Link
      to="/tools"
      className="flex h-7 shrink-0 items-center gap-1.5 rounded px-2 text-fg-2 text-xs hover:bg-hover hover:text-fg"
    >
      <Icon of={Wrench} size={14} className="text-fg-3" />
      {plural(tools.length, "tool")}
    </Link>
  )
}

export function CreditsLeft() {
  const me = useMe()
  const live = useChat((state) => state.remaining_micros)
  const remaining_micros = live ?? me.remaining_micros
  const rate = useChat((state) => state.welcome?.credit_micros)
  if (remaining_micros === null) return null
  return (
    <span className="tabular whitespace-nowrap text-fg-3 text-xs max-sm:hidden">
      {credits(remaining_micros, rate)} credits left
    </span>
  )
}
