/** Everybody's conversations, the latest first; a row leads to what was said. */
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query"
import { getRouteApi, useNavigate } from "@tanstack/react-router"
import { MessagesSquare } from "lucide-react"
import { useMemo } from "react"
import { useCredits } from "@/api/credits"
import { tableState } from "@/api/pages"
import { count } from "@/lib/format"
import { type Verdict, VerdictChip } from "@/ui/badge"
import { figureColumn, LookedBack, TitleCell, whenColumn, whoColumn } from "@/ui/list-columns"
import { Page } from "@/ui/page"
import { EmptyState } from "@/ui/states"
import { type Column, DataTable } from "@/ui/table"
import { Duration } from "@/ui/time"
import type { Person } from "@/ui/user-chip"
import { type TalkPage, type TalkRow, talksQuery } from "./queries"
import { TalkFilters } from "./talks-filters"
import { filterOf, type TalksSearch } from "./talks-search"

const route = getRouteApi("/shell/admin/conversations")

export function TalksPage() {
  const search = route.useSearch()
  const navigate = useNavigate({ from: "/admin/conversations" })
  const query = useInfiniteQuery({ ...talksQuery(filterOf(search)), placeholderData: keepPreviousData })
  const set = (change: TalksSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  const last = query.data?.pages.at(-1) as TalkPage | undefined
  return (
    <Page
      title="Conversations"
      words="What people asked in chat, what they were answered, and what happened in between."
      bar={<TalkFilters search={search} onChange={set} />}
    >
      <div className="rounded border bg-surface">
        <DataTable
          label="Conversations"
          columns={useColumns()}
          rowKey={(talk) => talk.conversation_id}
          {...tableState(query)}
          empty={
            <EmptyState
              icon={MessagesSquare}
              title="No conversation yet"
              words="Whatever people ask in chat will be listed here."
            />
          }
          onClearFilters={
            Object.keys(search).length > 0 ? () => void navigate({ search: {}, replace: true }) : null
          }
          onOpen={(talk) =>
            void navigate({ to: "/admin/conversations/$id", params: { id: talk.conversation_id } })
          }
        />
        <LookedBack to={last?.searched_to} />
      </div>
    </Page>
  )
}

function useColumns(): Column<TalkRow>[] {
  const credits = useCredits()
  return useMemo(
    () => [
      whenColumn("Last turn", (talk) => talk.last_at),
      whoColumn(personOf),
      {
        key: "what",
        title: "First message",
        fills: true,
        cell: (talk) => <TitleCell title={talk.first_message} who={talk.user_name} at={talk.last_at} />,
      },
      {
        key: "outcome",
        title: "Outcome",
        width: "112px",
        cell: (talk) => <VerdictChip verdict={talk.status as Verdict} />,
      },
      figureColumn({ key: "turns", title: "Turns", width: "64px", from: "md" }, (talk) => count(talk.turns)),
      figureColumn({ key: "tools", title: "Tools", width: "64px", from: "lg" }, (talk) =>
        count(talk.tool_calls),
      ),
      figureColumn({ key: "took", title: "Lasted", width: "92px", from: "xl" }, (talk) => (
        <Duration ms={talk.duration_ms} />
      )),
      figureColumn({ key: "credits", title: "Credits", width: "80px", from: "lg" }, (talk) =>
        credits(talk.cost_micros),
      ),
    ],
    [credits],
  )
}

function personOf({ user_id, user_name, user_email }: TalkRow): Person {
  return { user_id, name: user_name, email: user_email }
}
