/** One team: who belongs to it, and whether it is monitored. */
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router"
import { ArrowLeft } from "lucide-react"
import { Icon } from "@/ui/icon"
import { backStyle, DetailPage } from "@/ui/page"
import { TeamPanel } from "./team-panel"

const route = getRouteApi("/shell/admin/people/teams/$id")

export function TeamPage() {
  const { id } = route.useParams()
  const navigate = useNavigate()
  return (
    <DetailPage>
      <Link to="/admin/people/teams" className={backStyle}>
        <Icon of={ArrowLeft} size={14} />
        Teams
      </Link>
      <TeamPanel key={id} team_id={id} onDeleted={() => void navigate({ to: "/admin/people/teams" })} />
    </DetailPage>
  )
}
