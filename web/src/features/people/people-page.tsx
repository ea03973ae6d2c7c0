/** Everybody: who is here, what they may, what they have left. */
import { useInfiniteQuery } from "@tanstack/react-query"
import { getRouteApi, useNavigate } from "@tanstack/react-router"
import { UserPlus } from "lucide-react"
import { useState } from "react"
import { may, useMe } from "@/api/me"
import { tableState } from "@/api/pages"
import type { UserRow } from "@/api/types"
import { Button } from "@/ui/button"
import { FilterBar, Page } from "@/ui/page"
import { Peek } from "@/ui/peek"
import { SearchField } from "@/ui/search-field"
import { EmptyState } from "@/ui/states"
import { type Column, DataTable } from "@/ui/table"
import { Time } from "@/ui/time"
import { UserChip } from "@/ui/user-chip"
import { DefaultLimit } from "./default-limit"
import { InviteDialog } from "./invite-dialog"
import type { PeopleSearch } from "./people-search"
import { PeopleViews } from "./people-views"
import { PersonPeek } from "./person-peek"
import { peopleQuery } from "./queries"
import { CreditsLeft, Presence, roles, StatusBadge } from "./words"

const route = getRouteApi("/shell/admin/people")
const presence_ms = 5_000

export function PeoplePage() {
  const { q = "", peek } = route.useSearch()
  const navigate = useNavigate({ from: "/admin/people" })
  const me = useMe()
  const [inviting, setInviting] = useState(false)
  const query = useInfiniteQuery({ ...peopleQuery(q.trim()), refetchInterval: presence_ms })
  const set = (change: PeopleSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  const search = (next: string) => set({ q: next || undefined })
  const openPage = (id: string) => void navigate({ to: "/admin/people/$id", params: { id } })
  return (
    <Page
      title="People"
      words="Who may come in, what they may do, and who is here right now."
      actions={
        <>
          <DefaultLimit />
          {may(me, "users.manage") && (
            <Button variant="primary" icon={UserPlus} onClick={() => setInviting(true)}>
              Invite person
            </Button>
          )}
        </>
      }
      bar={
        <FilterBar>
          <PeopleViews value="people" />
          <SearchField label="Search name or e-mail" value={q} onValue={search} className="w-full sm:w-72" />
        </FilterBar>
      }
    >
      <div className="rounded border bg-surface">
        <DataTable
          label="People"
          columns={columns}
          rowKey={(user) => user.user_id}
          {...tableState(query)}
          empty={
            <EmptyState
              icon={UserPlus}
              title="Nobody is here yet"
              words="Invite somebody; they set their own password by a one-time link."
            />
          }
          onClearFilters={q ? () => search("") : null}
          onOpen={({ user_id }) => (user_id === peek ? openPage(user_id) : set({ peek: user_id }))}
          active={peek ?? null}
          onActive={({ user_id }) => peek && set({ peek: user_id })}
        />
      </div>
      {peek && (
        <Peek
          label="Person"
          title="Person"
          onClose={() => set({ peek: undefined })}
          onOpen={() => openPage(peek)}
        >
          <PersonPeek key={peek} user_id={peek} />
        </Peek>
      )}
      {inviting && <InviteDialog onClose={() => setInviting(false)} />}
    </Page>
  )
}

const columns: Column<UserRow>[] = [
  {
    key: "name",
    title: "Person",
    sort: (user) => user.name || user.email,
    cell: (user) => (
      <span className="flex max-w-[56vw] items-center gap-2 sm:min-w-48 sm:max-w-[520px]">
        <UserChip person={user} className="max-sm:[&>span:nth-child(3)]:hidden" />
        <StatusBadge user={user} />
      </span>
    ),
  },
  {
    key: "state",
    title: "State",
    width: "104px",
    sort: (user) => user.state,
    cell: (user) => <Presence user={user} />,
  },
  {
    key: "role",
    title: "Role",
    width: "124px",
    from: "md",
    sort: (user) => user.role,
    cell: (user) => roles[user.role].title,
  },
  {
    key: "credits",
    title: "Credits left",
    width: "148px",
    from: "md",
    sort: (user) => user.remaining_micros,
    cell: (user) => <CreditsLeft user={user} />,
  },
  {
    key: "seen",
    title: "Last seen",
    width: "124px",
    from: "sm",
    sort: (user) => user.last_seen_at,
    cell: (user) => <Time at={user.last_seen_at} className="text-fg-2" />,
  },
]
