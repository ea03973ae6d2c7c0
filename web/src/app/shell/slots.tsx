/** Fills what features need from one another: links to a flow and to the models. */
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { may, useMe } from "@/api/me"
import { FlowLinkContext } from "@/ui/flow-link"

const style = "text-fg-2 underline-offset-2 hover:text-fg hover:underline"

export function Slots({ children }: { children: ReactNode }) {
  const admin = may(useMe(), "flows.read")
  const flowLink = (flow_id: string, words: ReactNode) => (
    <Link to={admin ? "/admin/flows/$id" : "/flows/$id"} params={{ id: flow_id }} className={style}>
      {words}
    </Link>
  )
  return <FlowLinkContext value={flowLink}>{children}</FlowLinkContext>
}
