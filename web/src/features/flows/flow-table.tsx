/** Flows as rows: when, who, what, verdict, steps, duration, tokens, credits. */
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query"
import { type ReactNode, useMemo } from "react"
import { useCredits } from "@/api/credits"
import { type FlowFilter, flowsQuery } from "@/api/flows"
import type { FlowPage } from "@/api/history"
import { tableState } from "@/api/pages"
import type { FlowRow } from "@/api/shapes"
import { compact, count } from "@/lib/format"
import { VerdictChip } from "@/ui/badge"
import { Button } from "@/ui/button"
import { Checkbox } from "@/ui/choice"
import { figureColumn, LookedBack, TitleCell, whenColumn, whoColumn } from "@/ui/list-columns"
import { EmptyState } from "@/ui/states"
import { type Column, DataTable } from "@/ui/table"
import { Duration, Time } from "@/ui/time"
import { Tooltip } from "@/ui/tooltip"
import type { Person } from "@/ui/user-chip"
import { sources } from "./words"

const fresh_ms = 5_000

interface FlowTableProps {
  filter: FlowFilter
  empty: ReactNode
  onClearFilters?: (() => void) | null
  onOpen: (flow: FlowRow) => void
  active?: string | null
  onActive?: (flow: FlowRow) => void
  /** Ids of picked flows; with `onPick` each row has a box. */
  picked?: readonly string[]
  onPick?: (flow: FlowRow) => void
  /** Leaves out who, on a page of one person. */
  ofOne?: boolean
}

export function FlowTable({ filter, ofOne, picked, ...rest }: FlowTableProps) {
  const query = useInfiniteQuery({
    ...flowsQuery(filter),
    placeholderData: keepPreviousData,
    refetchInterval: (running) => ((running.state.data?.pages.length ?? 0) > 1 ? false : fresh_ms),
  })
  const columns = useFlowColumns(ofOne ?? false)
  const { onPick } = rest
  const boxes = useMemo(() => (onPick ? [pickColumn(picked ?? [], onPick)] : []), [picked, onPick])
  const last = query.data?.pages.at(-1) as FlowPage | undefined
  const state = tableState(query)
  if (last?.searched_to && state.rows?.length === 0)
    return <NothingSoFar to={last.searched_to} busy={query.isFetchingNextPage} onMore={state.more?.onMore} />
  return (
    <>
      <DataTable
        label="Flows"
        columns={[...boxes, ...columns]}
        rowKey={(flow) => flow.flow_id}
        {...state}
        {...rest}
      />
      {last?.behind && (
        <p role="status" className="pb-3 text-center text-fg-3 text-xs">
          Very many flows arrive; some of the latest may be missing here for a moment.
        </p>
      )}
      <LookedBack to={last?.searched_to} />
    </>
  )
}

interface NothingSoFarProps {
  to: string
  busy: boolean
  onMore: (() => void) | undefined
}

/** A query that would take long is looked for piece by piece. */
function NothingSoFar({ to, busy, onMore }: NothingSoFarProps) {
  return (
    <EmptyState
      title="Nothing so far"
      words={
        <>
          No flow since <Time at={to} /> matches. There are older ones.
        </>
      }
    >
      <Button busy={busy} onClick={onMore}>
        Look further back
      </Button>
    </EmptyState>
  )
}

function pickColumn(picked: readonly string[], onPick: (flow: FlowRow) => void): Column<FlowRow> {
  return {
    key: "pick",
    title: "",
    width: "36px",
    from: "sm",
    cell: (flow) => (
      <span
        className={
          picked.length === 0
            ? "opacity-0 focus-within:opacity-100 group-hover:opacity-100 group-aria-[current]:opacity-100"
            : undefined
        }
      >
        <Checkbox
          hideLabel
          label={`Pick ${flow.title}`}
          checked={picked.includes(flow.flow_id)}
          onChecked={() => onPick(flow)}
        />
      </span>
    ),
  }
}

function useFlowColumns(of_one: boolean): Column<FlowRow>[] {
  const credits = useCredits()
  return useMemo(() => {
    const columns: Column<FlowRow>[] = [
      { ...whenColumn<FlowRow>("When", (flow) => flow.started_at), sort: (flow) => flow.started_at },
      { ...whoColumn<FlowRow>(personOf), sort: (flow) => flow.user_email },
      { key: "what", title: "What", fills: true, cell: (flow) => <What flow={flow} who={!of_one} /> },
      {
        key: "verdict",
        title: "Outcome",
        width: "104px",
        sort: (flow) => flow.status,
        cell: (flow) => <VerdictChip verdict={flow.status} />,
      },
      figure("steps", "Steps", "64px", "xl", (flow) => flow.steps),
      {
        key: "took",
        title: "Took",
        width: "84px",
        align: "right",
        from: "lg",
        sort: (flow) => flow.duration_ms,
        cell: (flow) => <Duration ms={flow.duration_ms} className="text-fg-2" />,
      },
      figure("tokens", "Tokens", "80px", "xl", (flow) => flow.input_tokens + flow.output_tokens),
      {
        key: "credits",
        title: "Credits",
        width: "80px",
        align: "right",
        from: "lg",
        sort: (flow) => flow.cost_micros,
        cell: (flow) => <span className="tabular">{credits(flow.cost_micros)}</span>,
      },
    ]
    return columns.filter((column) => !(of_one && column.key === "who"))
  }, [credits, of_one])
}

function personOf({ user_id, user_name, user_email }: FlowRow): Person {
  return { user_id, name: user_name, email: user_email }
}

function figure(
  key: string,
  title: string,
  width: string,
  from: Column<FlowRow>["from"],
  of: (flow: FlowRow) => number,
): Column<FlowRow> {
  const cell = (flow: FlowRow) => (
    <Tooltip words={count(of(flow))}>
      <span>{compact(of(flow))}</span>
    </Tooltip>
  )
  return { ...figureColumn<FlowRow>({ key, title, width, from }, cell), sort: of }
}

function What({ flow, who }: { flow: FlowRow; who: boolean }) {
  return (
    <TitleCell
      title={flow.title}
      who={who ? flow.user_name : null}
      at={flow.started_at}
      mono={flow.source !== "chat"}
      note={sources[flow.source]}
    />
  )
}
