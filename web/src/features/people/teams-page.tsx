/** All teams: how many belong to each, and which are monitored. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query"
import { getRouteApi, useNavigate } from "@tanstack/react-router"
import { Plus, Users } from "lucide-react"
import { useState } from "react"
import { may, useMe } from "@/api/me"
import { monitoredQuery } from "@/api/monitoring"
import { tableState } from "@/api/pages"
import { type TeamRow, teamsQuery } from "@/api/teams"
import { plural } from "@/lib/format"
import { Button } from "@/ui/button"
import { FilterBar, Page } from "@/ui/page"
import { Peek } from "@/ui/peek"
import { SearchField } from "@/ui/search-field"
import { EmptyState } from "@/ui/states"
import { type Column, DataTable } from "@/ui/table"
import { Time } from "@/ui/time"
import type { PeopleSearch } from "./people-search"
import { PeopleViews } from "./people-views"
import { NameTeamDialog } from "./team-dialogs"
import { MonitoredBadge, TeamPanel } from "./team-panel"

const route = getRouteApi("/shell/admin/people/teams")

export function TeamsPage() {
  const { q = "", peek } = route.useSearch()
  const navigate = useNavigate({ from: "/admin/people/teams" })
  const [adding, setAdding] = useState(false)
  const query = useInfiniteQuery(teamsQuery(q.trim()))
  const set = (change: PeopleSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  const openPage = (id: string) => void navigate({ to: "/admin/people/teams/$id", params: { id } })
  const addButton = may(useMe(), "users.manage") && (
    <Button variant="primary" icon={Plus} onClick={() => setAdding(true)}>
      Add team
    </Button>
  )
  return (
    <Page
      title="Teams"
      words="People under a name, to be monitored together. A person may belong to several."
      actions={addButton}
      bar={
        <FilterBar>
          <PeopleViews value="teams" />
          <SearchField
            label="Search teams"
            value={q}
            onValue={(next) => set({ q: next || undefined })}
            className="w-full sm:w-72"
          />
        </FilterBar>
      }
    >
      <div className="rounded border bg-surface">
        <DataTable
          label="Teams"
          columns={useColumns()}
          rowKey={(team) => team.team_id}
          {...tableState(query)}
          empty={
            <EmptyState
              icon={Users}
              title="No team yet"
              words="Put people under a name; then they can be monitored and watched together."
            >
              {addButton}
            </EmptyState>
          }
          onClearFilters={q ? () => set({ q: undefined }) : null}
          onOpen={({ team_id }) => (team_id === peek ? openPage(team_id) : set({ peek: team_id }))}
          active={peek ?? null}
          onActive={({ team_id }) => peek && set({ peek: team_id })}
        />
      </div>
      {peek && (
        <Peek
          label="Team"
          title="Team"
          onClose={() => set({ peek: undefined })}
          onOpen={() => openPage(peek)}
        >
          <div className="p-4">
            <TeamPanel key={peek} team_id={peek} onDeleted={() => set({ peek: undefined })} />
          </div>
        </Peek>
      )}
      {adding && (
        <NameTeamDialog
          team={null}
          onNamed={(team_id) => set({ peek: team_id })}
          onClose={() => setAdding(false)}
        />
      )}
    </Page>
  )
}

function useColumns(): Column<TeamRow>[] {
  const monitored = useQuery(monitoredQuery).data?.teams ?? []
  return [
    {
      key: "name",
      title: "Team",
      sort: (team) => team.name.toLowerCase(),
      cell: (team) => <span className="block max-w-[48vw] truncate font-medium">{team.name}</span>,
    },
    {
      key: "members",
      title: "Members",
      width: "124px",
      sort: (team) => team.member_count,
      cell: (team) => <span className="tabular">{plural(team.member_count, "member")}</span>,
    },
    {
      key: "monitored",
      title: "Monitoring",
      width: "180px",
      from: "sm",
      cell: (team) => <MonitoredBadge team={monitored.find((one) => one.team_id === team.team_id)} />,
    },
    {
      key: "created",
      title: "Made",
      width: "124px",
      from: "md",
      sort: (team) => team.created_at,
      cell: (team) => <Time at={team.created_at} className="text-fg-2" />,
    },
  ]
}
