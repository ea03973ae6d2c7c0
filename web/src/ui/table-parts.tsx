/** Head, body and skeleton rows of the table. */
import { ArrowDown, ArrowUp } from "lucide-react"
import type { MouseEvent, Ref } from "react"
import { cn } from "./cn"
import { Icon } from "./icon"
import { Skeleton } from "./states"
import type { Column, Sort } from "./table-model"
import type { VirtualRows } from "./table-virtual"

const from_class = { sm: "max-sm:hidden", md: "max-md:hidden", lg: "max-lg:hidden", xl: "max-xl:hidden" }

const sort_words: Record<string, "ascending" | "descending"> = { true: "descending", false: "ascending" }

interface TableHeadProps<Row> {
  columns: readonly Column<Row>[]
  sort: Sort | null
  onSort: (key: string) => void
}

export function TableHead<Row>({ columns, sort, onSort }: TableHeadProps<Row>) {
  return (
    <thead>
      <tr>
        {columns.map((column) => (
          <HeadCell
            key={column.key}
            column={column}
            on={sort?.key === column.key ? sort : null}
            onSort={() => onSort(column.key)}
          />
        ))}
      </tr>
    </thead>
  )
}

interface HeadCellProps<Row> {
  column: Column<Row>
  on: Sort | null
  onSort: () => void
}

function HeadCell<Row>({ column, on, onSort }: HeadCellProps<Row>) {
  return (
    <th
      scope="col"
      style={{ width: column.width }}
      aria-sort={on ? sort_words[String(on.descending)] : undefined}
      className={cn(
        "sticky top-0 z-10 h-8 border-b bg-surface px-2 text-left font-medium text-fg-3 text-xs first:rounded-tl first:pl-4 last:rounded-tr last:pr-4",
        column.align === "right" && "text-right",
        column.from && from_class[column.from],
      )}
    >
      {column.sort ? (
        <button
          type="button"
          onClick={onSort}
          className={cn(
            "-mx-1 inline-flex items-center gap-1 rounded-sm px-1 py-0.5 hover:text-fg",
            column.align === "right" && "flex-row-reverse",
            on && "text-fg",
          )}
        >
          {column.title}
          {on && <Icon of={on.descending ? ArrowDown : ArrowUp} size={12} />}
        </button>
      ) : (
        column.title || <span className="sr-only">Actions</span>
      )}
    </th>
  )
}

interface TableBodyProps<Row> {
  ref: Ref<HTMLTableSectionElement>
  loading: boolean
  rows: readonly Row[]
  columns: readonly Column<Row>[]
  rowKey: (row: Row) => string
  current: string | null
  virtual: VirtualRows
  onRowClick?: (event: MouseEvent, row: Row) => void
}

export function TableBody<Row>(props: TableBodyProps<Row>) {
  const { ref, loading, rows, columns, rowKey, current, virtual, onRowClick } = props
  return (
    <tbody ref={ref}>
      {loading && <SkeletonRows columns={columns} />}
      {virtual.above_px > 0 && <Spacer span={columns.length} height_px={virtual.above_px} />}
      {virtual.indexes.map((index) => {
        const row = rows[index]
        if (!row) return null
        const key = rowKey(row)
        return (
          <TableRow
            key={key}
            row={row}
            columns={columns}
            on={key === current}
            onClick={onRowClick && ((event) => onRowClick(event, row))}
          />
        )
      })}
      {virtual.below_px > 0 && <Spacer span={columns.length} height_px={virtual.below_px} />}
    </tbody>
  )
}

interface TableRowProps<Row> {
  row: Row
  columns: readonly Column<Row>[]
  on: boolean
  onClick?: (event: MouseEvent) => void
}

function TableRow<Row>({ row, columns, on, onClick }: TableRowProps<Row>) {
  return (
    <tr
      aria-current={on || undefined}
      onClick={onClick}
      className={cn(
        "group transition-colors hover:bg-hover aria-[current]:bg-accent-soft",
        onClick && "cursor-pointer",
      )}
    >
      {columns.map((column) => (
        <td
          key={column.key}
          className={cn(
            "h-(--row) border-b px-2 first:pl-4 last:pr-4 group-last:border-b-0",
            column.fills && "xl:max-w-0",
            column.align === "right" && "text-right",
            column.from && from_class[column.from],
          )}
        >
          {column.cell(row)}
        </td>
      ))}
    </tr>
  )
}

function SkeletonRows<Row>({ columns }: { columns: readonly Column<Row>[] }) {
  return ["a", "b", "c", "d", "e", "f"].map((line, i) => (
    <tr key={line}>
      {columns.map((column, j) => (
        <td
          key={column.key}
          className={cn(
            "h-(--row) border-b px-2 first:pl-4 last:pr-4",
            column.from && from_class[column.from],
          )}
        >
          <Skeleton
            className={cn("h-3", column.align === "right" && "ml-auto")}
            style={{ width: `${j === 0 ? 70 - ((i * 13) % 30) : 40 + ((i * 7 + j * 11) % 30)}%` }}
          />
        </td>
      ))}
    </tr>
  ))
}

function Spacer({ span, height_px }: { span: number; height_px: number }) {
  return (
    <tr>
      <td colSpan={span} style={{ height: height_px, padding: 0 }} />
    </tr>
  )
}
