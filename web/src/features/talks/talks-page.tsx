/** Everybody's conversations, the latest first; a row leads to what was said. */
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query"
import { getRouteApi, useNavigate } from "@tanstack/react-router"
import { MessagesSquare } from "lucide-react"
import { useMemo } from "react"
import { useCredits } from "@/api/credits"
import { tableState } from "@/api/pages"
import { count } from "@/lib/format"
import { type Verdict, VerdictChip } from "@/ui/badge"
import { Page } from "@/ui/page"
import { EmptyState } from "@/ui/states"
import { type Column, DataTable } from "@/ui/table"
import { Duration, Time } from "@/ui/time"
import { UserChip } from "@/ui/user-chip"
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
        {last?.searched_to && (
          <p className="pb-3 text-center text-fg-3 text-xs">
            Looked back to <Time at={last.searched_to} />; "Show more" looks further.
          </p>
        )}
      </div>
    </Page>
  )
}

function useColumns(): Column<TalkRow>[] {
  const credits = useCredits()
  return useMemo(
    () => [
      {
        key: "when",
        title: "Last turn",
        width: "116px",
        from: "sm",
        cell: (talk) => <Time at={talk.last_at} className="text-fg-2" />,
      },
      {
        key: "who",
        title: "Who",
        width: "200px",
        from: "sm",
        cell: (talk) => (
          <UserChip short person={{ user_id: talk.user_id, name: talk.user_name, email: talk.user_email }} />
        ),
      },
      { key: "what", title: "First message", fills: true, cell: (talk) => <First talk={talk} /> },
      {
        key: "outcome",
        title: "Outcome",
        width: "112px",
        cell: (talk) => <VerdictChip verdict={talk.status as Verdict} />,
      },
      figure("turns", "Turns", "64px", "md", (talk) => count(talk.turns)),
      figure("tools", "Tools", "64px", "lg", (talk) => count(talk.tool_calls)),
      {
        key: "took",
        title: "Lasted",
        width: "92px",
        align: "right",
        from: "xl",
        cell: (talk) => <Duration ms={talk.duration_ms} className="text-fg-2" />,
      },
      figure("credits", "Credits", "80px", "lg", (talk) => credits(talk.cost_micros)),
    ],
    [credits],
  )
}

function figure(
  key: string,
  title: string,
  width: string,
  from: Column<TalkRow>["from"],
  of: (talk: TalkRow) => string,
): Column<TalkRow> {
  return {
    key,
    title,
    width,
    from,
    align: "right",
    cell: (talk) => <span className="tabular text-fg-2">{of(talk)}</span>,
  }
}

/** On a phone who and when stand beneath. */
function First({ talk }: { talk: TalkRow }) {
  return (
    <span className="flex max-w-[58vw] flex-col sm:max-w-64 md:max-w-48 lg:max-w-72 xl:max-w-full">
      <span className="truncate">{talk.first_message}</span>
      <span className="truncate text-fg-2 text-xs sm:hidden">
        {talk.user_name}, <Time at={talk.last_at} />
      </span>
    </span>
  )
}
