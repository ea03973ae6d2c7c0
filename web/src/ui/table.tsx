/** The one table: sticky head, sort, keyboard, four states in words, virtual rows past a hundred. */
import { type MouseEvent, type ReactNode, useRef } from "react"
import { Button } from "./button"
import { cn } from "./cn"
import { EmptyState, ErrorState } from "./states"
import { type Column, useRowKeyboard, useSorted } from "./table-model"
import { TableBody, TableHead } from "./table-parts"
import { useVirtualRows } from "./table-virtual"

export type { Column } from "./table-model"

interface DataTableProps<Row> {
  label: string
  rows: readonly Row[] | undefined
  columns: readonly Column<Row>[]
  rowKey: (row: Row) => string
  /** What is wrong and how to try again; shown instead of rows when there are none. */
  error?: { words: string; request_id?: string; onRetry: () => void } | null
  /** Words and one action for a table that has nothing yet. */
  empty: ReactNode
  /** Set while filters are on: an empty answer then says "no match" and offers to clear them. */
  onClearFilters?: (() => void) | null
  onOpen?: (row: Row) => void
  active?: string | null
  onActive?: (row: Row) => void
  onPick?: (row: Row) => void
  more?: { busy: boolean; onMore: () => void } | null
  className?: string
}

export function DataTable<Row>(props: DataTableProps<Row>) {
  const { rows, columns, rowKey, onOpen, error, empty, onClearFilters, more } = props
  const { shown, sort, toggle } = useSorted(rows ?? [], columns)
  const body = useRef<HTMLTableSectionElement>(null)
  const virtual = useVirtualRows(shown.length, body)
  const current = useRowKeyboard({ ...props, rows: shown, active: props.active, reveal: virtual.reveal })
  if (!rows && error)
    return <ErrorState words={error.words} request_id={error.request_id} onRetry={error.onRetry} />
  if (rows && rows.length === 0) return onClearFilters ? <NoMatch onClear={onClearFilters} /> : empty
  const onRowClick = (event: MouseEvent, row: Row) => {
    const inside = event.target as Element
    if (!inside.closest("a,button,input,label,[role=menuitem],[role=checkbox]")) onOpen?.(row)
  }
  return (
    <div className={cn("max-md:overflow-x-auto", props.className)}>
      <table
        aria-label={props.label}
        aria-busy={!rows}
        className="w-full border-separate border-spacing-0 text-sm"
      >
        <TableHead columns={columns} sort={sort} onSort={toggle} />
        <TableBody
          ref={body}
          loading={!rows}
          rows={shown}
          columns={columns}
          rowKey={rowKey}
          current={current}
          virtual={virtual}
          onRowClick={onOpen ? onRowClick : undefined}
        />
      </table>
      {more && (
        <div className="flex justify-center py-3">
          <Button variant="quiet" busy={more.busy} onClick={more.onMore}>
            Show more
          </Button>
        </div>
      )}
    </div>
  )
}

function NoMatch({ onClear }: { onClear: () => void }) {
  return (
    <EmptyState title="Nothing matches these filters" words="Widen the search, or start over.">
      <Button onClick={onClear}>Clear filters</Button>
    </EmptyState>
  )
}
