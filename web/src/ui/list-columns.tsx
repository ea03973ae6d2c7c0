/** What lists of what people did have in common: when, who, a title that tells both on a phone, figures. */
import type { ReactNode } from "react"
import { cn } from "./cn"
import type { Column } from "./table"
import { Time } from "./time"
import { type Person, UserChip } from "./user-chip"

export function whenColumn<Row>(title: string, at: (row: Row) => string): Column<Row> {
  return {
    key: "when",
    title,
    width: "116px",
    from: "sm",
    cell: (row) => <Time at={at(row)} className="text-fg-2" />,
  }
}

export function whoColumn<Row>(who: (row: Row) => Person): Column<Row> {
  return {
    key: "who",
    title: "Who",
    width: "200px",
    from: "sm",
    // A name as long as a line leaves room for what was done.
    cell: (row) => (
      <span className="flex min-w-0 max-w-44">
        <UserChip short person={who(row)} />
      </span>
    ),
  }
}

export function figureColumn<Row>(
  { key, title, width, from }: Pick<Column<Row>, "key" | "title" | "width" | "from">,
  cell: (row: Row) => ReactNode,
): Column<Row> {
  return {
    key,
    title,
    width,
    from,
    align: "right",
    cell: (row) => <span className="tabular text-fg-2">{cell(row)}</span>,
  }
}

interface TitleCellProps {
  title: string
  /** Whose it is, where the list is not of one person. */
  who: string | null
  at: string
  mono?: boolean
  note?: ReactNode
}

/** On a phone there is no column for who and when, so they stand beneath. */
export function TitleCell({ title, who, at, mono, note }: TitleCellProps) {
  return (
    <span className="flex max-w-[58vw] flex-col justify-center gap-x-2 sm:max-w-64 sm:flex-row sm:items-center sm:justify-start md:max-w-48 lg:max-w-72 xl:max-w-full">
      <span className={cn("truncate", mono && "font-mono text-xs")}>{title}</span>
      <span className="truncate text-fg-2 text-xs sm:hidden">
        {who && `${who}, `}
        <Time at={at} />
      </span>
      {note && <span className="shrink-0 text-fg-3 text-xs max-sm:hidden">{note}</span>}
    </span>
  )
}

/** A list that is looked for piece by piece says how far it looked. */
export function LookedBack({ to }: { to: string | null | undefined }) {
  if (!to) return null
  return (
    <p className="pb-3 text-center text-fg-3 text-xs">
      Looked back to <Time at={to} />; "Show more" looks further.
    </p>
  )
}
