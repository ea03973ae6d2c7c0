/** The journal: who changed what and when, append-only. */
import { useInfiniteQuery } from "@tanstack/react-query"
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router"
import { ScrollText } from "lucide-react"
import { keys } from "@/api/keys"
import { pagesQuery, tableState } from "@/api/pages"
import type { JournalView } from "@/api/shapes"
import { Badge } from "@/ui/badge"
import { Button, buttonStyle } from "@/ui/button"
import { JsonView } from "@/ui/json-view"
import { Popover, PopoverContent, PopoverTrigger } from "@/ui/overlay"
import { FilterBar, Page } from "@/ui/page"
import { Select } from "@/ui/select"
import { EmptyState } from "@/ui/states"
import { type Column, DataTable } from "@/ui/table"
import { Time } from "@/ui/time"
import { UserChip } from "@/ui/user-chip"
import { AnchorsCard } from "./anchors-card"
import { journal_kinds, kindWords } from "./kinds"
import { RecordProof } from "./record-proof"
import { RetentionCard } from "./retention-card"

const route = getRouteApi("/shell/admin/audit")
const any = "any"
const kind_options = [
  { value: any, label: "Any kind" },
  ...Object.entries(journal_kinds).map(([value, label]) => ({ value, label, note: value })),
]

export function JournalPage() {
  const { kind } = route.useSearch()
  const navigate = useNavigate({ from: "/admin/audit" })
  const filter = { kind }
  const query = useInfiniteQuery(pagesQuery<JournalView>("/api/journal", keys.journal.list(filter), filter))
  const choose = (next: string) =>
    void navigate({ search: next === any ? {} : { kind: next }, replace: true })
  return (
    <Page
      title="Audit"
      words="Every sign-in, block and change of configuration. Rows are only ever added."
      actions={
        <Link to="/admin/imported" className={buttonStyle()}>
          Imported flows
        </Link>
      }
      bar={
        <FilterBar>
          <Select label="Kind" value={kind ?? any} onValue={choose} options={kind_options} className="w-52" />
        </FilterBar>
      }
    >
      <RecordProof />
      <div className="rounded border bg-surface">
        <DataTable
          label="Journal"
          columns={columns}
          rowKey={(row) => row.journal_id}
          {...tableState(query)}
          onClearFilters={kind ? () => choose(any) : null}
          empty={
            <EmptyState
              icon={ScrollText}
              title="Nothing is written yet"
              words="The first sign-in will be the first row."
            />
          }
        />
      </div>
      <AnchorsCard />
      <RetentionCard />
    </Page>
  )
}

const columns: Column<JournalView>[] = [
  {
    key: "at",
    title: "When",
    width: "132px",
    from: "sm",
    sort: (row) => row.at,
    cell: (row) => <Time at={row.at} className="text-fg-2" />,
  },
  { key: "who", title: "Who", width: "220px", from: "sm", cell: (row) => <Who row={row} /> },
  {
    key: "kind",
    title: "Kind",
    width: "148px",
    from: "md",
    sort: (row) => kindWords(row.kind),
    cell: (row) => <Badge title={row.kind}>{kindWords(row.kind)}</Badge>,
  },
  {
    key: "what",
    title: "What",
    cell: (row) => <What row={row} />,
  },
  {
    key: "data",
    title: "",
    width: "72px",
    align: "right",
    from: "sm",
    cell: (row) => <Details row={row} />,
  },
]

function Who({ row }: { row: JournalView }) {
  if (!row.actor_id) return <span className="text-fg-2">{row.actor_email ?? "System"}</span>
  const email = row.actor_email ?? row.actor_id
  return <UserChip short person={{ user_id: row.actor_id, name: null, email }} className="max-w-52" />
}

/** On a phone there is no column for who and when, so they stand beneath the sentence. */
function What({ row }: { row: JournalView }) {
  return (
    <div className="max-w-[90ch] py-2">
      <p className="wrap-anywhere">{row.sentence}</p>
      <p className="break-all text-fg-2 text-xs sm:hidden">
        {row.actor_email ?? "System"}, <Time at={row.at} />
      </p>
    </div>
  )
}

function Details({ row }: { row: JournalView }) {
  if (isEmpty(row)) return null
  return (
    <Popover>
      <PopoverTrigger asChild>
        <Button variant="quiet" size="sm" aria-label={`Data of ${kindWords(row.kind)}`}>
          Data
        </Button>
      </PopoverTrigger>
      <PopoverContent align="end" className="w-96">
        <JsonView value={row.data} label="data" open={3} />
      </PopoverContent>
    </Popover>
  )
}

function isEmpty({ data }: JournalView): boolean {
  return data === null || (typeof data === "object" && Object.keys(data).length === 0)
}
