/** What a table is made of, its sort order, and the row that the keyboard is on. */
import { type ReactNode, useEffect, useMemo, useState } from "react"
import { useShortcuts } from "./shortcuts"

export interface Column<Row> {
  key: string
  title: string
  cell: (row: Row) => ReactNode
  /** Gives what the column sorts by; without it the column does not sort. */
  sort?: (row: Row) => string | number | null
  align?: "right"
  /** CSS width; columns without one share the rest. */
  width?: string
  /** Takes the rest of the width and cuts its content, however long; only on wide screens. */
  fills?: true
  /** Hidden on screens narrower than this. */
  from?: "sm" | "md" | "lg" | "xl"
}

export interface Sort {
  key: string
  descending: boolean
}

export function sorted<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  sort: Sort | null,
): readonly Row[] {
  const by = sort && columns.find((column) => column.key === sort.key)?.sort
  if (!by) return rows
  const direction = sort.descending ? -1 : 1
  return rows.toSorted((a, b) => direction * compare(by(a), by(b)))
}

export function nextSort(sort: Sort | null, key: string): Sort | null {
  if (sort?.key !== key) return { key, descending: false }
  return sort.descending ? null : { key, descending: true }
}

export function useSorted<Row>(rows: readonly Row[], columns: readonly Column<Row>[]) {
  const [sort, setSort] = useState<Sort | null>(null)
  const shown = useMemo(() => sorted(rows, columns, sort), [rows, columns, sort])
  return { shown, sort, toggle: (key: string) => setSort(nextSort(sort, key)) }
}

interface Keyboard<Row> {
  rows: readonly Row[]
  rowKey: (row: Row) => string
  /** The key of the row that is open elsewhere (a peek), if the page keeps it. */
  active: string | null | undefined
  onActive?: (row: Row) => void
  onOpen?: (row: Row) => void
  onPick?: (row: Row) => void
  reveal: (index: number) => void
}

/** J and K walk, Enter opens, X picks. Returns the key of the row the keyboard is on. */
export function useRowKeyboard<Row>({
  rows,
  rowKey,
  active,
  onActive,
  onOpen,
  onPick,
  reveal,
}: Keyboard<Row>) {
  const [own, setOwn] = useState<string | null>(null)
  useEffect(() => {
    if (active !== undefined) setOwn(active)
  }, [active])
  const at = rows.findIndex((row) => rowKey(row) === own)
  const move = (step: 1 | -1) => {
    const next = Math.min(Math.max(at + step, 0), rows.length - 1)
    const row = rows[next]
    if (!row) return
    setOwn(rowKey(row))
    onActive?.(row)
    reveal(next)
  }
  const onCurrent = (act: ((row: Row) => void) | undefined) =>
    act && rows[at] ? () => act(rows[at] as Row) : undefined
  useShortcuts({
    j: () => move(1),
    k: () => move(-1),
    Enter: onCurrent(onOpen),
    x: onCurrent(onPick),
  })
  return own
}

function compare(a: string | number | null, b: string | number | null): number {
  if (a === b) return 0
  if (a === null) return 1
  if (b === null) return -1
  return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b))
}
