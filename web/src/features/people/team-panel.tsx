/** A team, on its page and beside the list: its name and monitoring, what can be done about it, its members. */
import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { Clock, Eye, EyeOff, Pencil, Radio, Trash2 } from "lucide-react"
import { useState } from "react"
import { may, useMe } from "@/api/me"
import { type MonitoredTeam, monitoredQuery, most_watched, useEndMonitoring } from "@/api/monitoring"
import { errorState } from "@/api/pages"
import { asProblem, problemWords } from "@/api/problem"
import { type TeamDetail, teamQuery } from "@/api/teams"
import { plural } from "@/lib/format"
import { leftWords } from "@/lib/left"
import { Badge } from "@/ui/badge"
import { Button, buttonStyle } from "@/ui/button"
import { Icon } from "@/ui/icon"
import { Menu, MenuContent, MenuItem, MenuTrigger } from "@/ui/menu"
import { ErrorState, Skeleton } from "@/ui/states"
import { Time, useNow } from "@/ui/time"
import { toast } from "@/ui/toast"
import { askToMonitorTeam } from "./block-store"
import { DeleteTeamDialog, NameTeamDialog } from "./team-dialogs"
import { TeamMembers } from "./team-members"

interface TeamPanelProps {
  team_id: string
  onDeleted: () => void
}

export function TeamPanel({ team_id, onDeleted }: TeamPanelProps) {
  const query = useQuery(teamQuery(team_id))
  const error = errorState(query)
  if (!query.data)
    return error ? (
      <ErrorState title="This team cannot be shown" {...error} />
    ) : (
      <div aria-busy="true" className="flex flex-col gap-4">
        <Skeleton className="h-7 w-56" />
        <Skeleton className="h-40" />
      </div>
    )
  return (
    <div className="flex flex-col gap-4">
      <TeamHead team={query.data} onDeleted={onDeleted} />
      <TeamMembers team={query.data} />
    </div>
  )
}

export function MonitoredBadge({ team }: { team: MonitoredTeam | undefined }) {
  const now_ms = useNow()
  if (!team) return <span className="text-fg-3">Off</span>
  return (
    <Badge tone="info" icon={Eye} title={`Monitored, set by ${team.by}`}>
      {leftWords(team.until, now_ms)}
    </Badge>
  )
}

function TeamHead({ team, onDeleted }: { team: TeamDetail; onDeleted: () => void }) {
  const monitored = useQuery(monitoredQuery).data?.teams.find((one) => one.team_id === team.team_id)
  return (
    <header className="flex flex-wrap items-center gap-x-4 gap-y-3">
      <div className="min-w-0 flex-1 basis-64">
        <div className="flex flex-wrap items-center gap-2">
          <h1 className="break-words font-semibold text-xl tracking-tight">{team.name}</h1>
          {monitored && <MonitoredBadge team={monitored} />}
        </div>
        <p className="flex flex-wrap gap-x-3 gap-y-0.5 text-fg-2">
          <span>{plural(team.members.length, "member")}</span>
          <span>
            made <Time at={team.created_at} />
          </span>
        </p>
      </div>
      <TeamActions team={team} monitored={monitored !== undefined} onDeleted={onDeleted} />
    </header>
  )
}

interface TeamActionsProps {
  team: TeamDetail
  monitored: boolean
  onDeleted: () => void
}

function TeamActions({ team, monitored, onDeleted }: TeamActionsProps) {
  const me = useMe()
  const [asking, setAsking] = useState<"name" | "delete" | null>(null)
  const close = () => setAsking(null)
  return (
    <div className="flex flex-wrap gap-2">
      {monitored && team.members.length > 0 && <WatchAll team={team} />}
      {may(me, "monitoring.manage") &&
        (monitored ? (
          <MonitoringMenu team={team} />
        ) : (
          <Button icon={Eye} onClick={() => askToMonitorTeam(team)}>
            Monitor team
          </Button>
        ))}
      {may(me, "users.manage") && (
        <Menu>
          <MenuTrigger asChild>
            <Button>Manage</Button>
          </MenuTrigger>
          <MenuContent align="end">
            <MenuItem icon={Pencil} onSelect={() => setAsking("name")}>
              Rename
            </MenuItem>
            <MenuItem icon={Trash2} danger onSelect={() => setAsking("delete")}>
              Delete team
            </MenuItem>
          </MenuContent>
        </Menu>
      )}
      {asking === "name" && <NameTeamDialog team={team} onClose={close} />}
      {asking === "delete" && (
        <DeleteTeamDialog team={team} monitored={monitored} onDeleted={onDeleted} onClose={close} />
      )}
    </div>
  )
}

function WatchAll({ team }: { team: TeamDetail }) {
  const u = team.members
    .slice(0, most_watched)
    .map((member) => member.user_id)
    .join(",")
  return (
    <Link to="/admin/live" search={{ u }} className={buttonStyle({ variant: "primary" })}>
      <Icon of={Radio} />
      Watch all members
    </Link>
  )
}

function MonitoringMenu({ team }: { team: TeamDetail }) {
  const end = useEndMonitoring({ team_id: team.team_id })
  const stop = () =>
    end.mutate(undefined, {
      onSuccess: () => toast.done(`Team ${team.name} is not monitored any more.`),
      onError: (thrown) => toast.failed("The monitoring did not end", problemWords(asProblem(thrown))),
    })
  return (
    <Menu>
      <MenuTrigger asChild>
        <Button icon={Eye}>Monitoring</Button>
      </MenuTrigger>
      <MenuContent align="end">
        <MenuItem icon={Clock} onSelect={() => askToMonitorTeam(team)}>
          Set another end
        </MenuItem>
        <MenuItem icon={EyeOff} danger onSelect={stop}>
          End monitoring
        </MenuItem>
      </MenuContent>
    </Menu>
  )
}
