/** The teams to which a person belongs, as links. */
import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { Users } from "lucide-react"
import { teamsOfQuery } from "@/api/teams"
import { Icon } from "@/ui/icon"

export function PersonTeams({ user_id }: { user_id: string }) {
  const teams = useQuery(teamsOfQuery(user_id)).data?.items ?? []
  if (teams.length === 0) return null
  return (
    <span>
      <Icon of={Users} size={14} label="Teams" className="-mt-0.5 mr-1 inline text-fg-3" />
      {teams.map(({ team_id, name }, i) => (
        <span key={team_id}>
          <Link
            to="/admin/people/teams/$id"
            params={{ id: team_id }}
            className="underline-offset-2 hover:text-fg hover:underline"
          >
            {name}
          </Link>
          {i < teams.length - 1 && ", "}
        </span>
      ))}
    </span>
  )
}
