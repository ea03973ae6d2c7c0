/** One watched person: what they do now, the flow that runs as cards, earlier flows as one line each. */
import { Ban, Eye, Pause, Play, X } from "lucide-react"
import { memo, useRef, useState } from "react"
import { useCredits } from "@/api/credits"
import { may, useMe } from "@/api/me"
import { compact } from "@/lib/format"
import { Button, IconButton } from "@/ui/button"
import { cn } from "@/ui/cn"
import { useInView } from "@/ui/in-view"
import { Sparkline } from "@/ui/sparkline"
import { EmptyState, Skeleton } from "@/ui/states"
import { useStickToEnd } from "@/ui/stick-to-end"
import { useNow } from "@/ui/time"
import { Tooltip } from "@/ui/tooltip"
import { type Person, UserChip } from "@/ui/user-chip"
import type { RecordState } from "../apply"
import { type LiveActions, panelId } from "./actions"
import { PanelFlows } from "./panel-flows"
import { doingOf, type PanelState, remainingOf, shown, tokensByMinute, waiting } from "./panel-state"
import { usePanel } from "./panel-store"
import { StateDot } from "./state-dot"
import { pausePanels, watchAgain } from "./store"

interface PanelProps extends LiveActions {
  person: Person
  /** Something went wrong here, and errors are followed. */
  marked: boolean
  onClose: (user_id: string) => void
}

/** Off the screen it stays as it was drawn last, at no cost. */
export function Panel(props: PanelProps) {
  const { person, marked } = props
  const element = useRef<HTMLElement>(null)
  /** Somebody's pointer or keyboard is here. */
  const [near, setNear] = useState(false)
  const panel = usePanel(person.user_id, useInView(element))
  return (
    <section
      ref={element}
      id={panelId(person.user_id)}
      tabIndex={-1}
      onPointerEnter={() => setNear(true)}
      onPointerLeave={() => setNear(false)}
      onFocus={() => setNear(true)}
      onBlur={() => setNear(false)}
      aria-label={`Live: ${person.name || person.email}`}
      className={cn(
        "@container panel-lazy flex min-w-0 flex-col overflow-hidden rounded border bg-surface max-lg:h-[70dvh] lg:h-(--panel)",
        marked && "border-bad",
      )}
    >
      <PanelHead panel={panel} {...props} />
      <PanelBody panel={panel} near={near} {...props} />
    </section>
  )
}

function PanelHead({ panel, person, onBlock, onClose }: PanelProps & { panel: PanelState }) {
  const me = useMe()
  const may_block = may(me, "users.block") && person.user_id !== me.user.user_id
  return (
    <header className="flex flex-wrap items-center gap-x-2.5 gap-y-1 border-b px-2.5 py-1.5">
      <Who person={person} />
      <StateDot doing={doingOf(panel.record, panel.presence)} />
      <Figures record={shown(panel)} />
      <Actions
        person={person}
        onBlock={may_block && panel.presence?.state !== "blocked" ? onBlock : null}
        onClose={onClose}
        paused={panel.frozen !== null}
        held={waiting(panel)}
      />
    </header>
  )
}

/** Steps change nothing of who it is. */
const Who = memo(function Who({ person }: { person: Person }) {
  return <UserChip person={person} short className="min-w-0" />
})

interface ActionsProps {
  person: Person
  onBlock: LiveActions["onBlock"] | null
  onClose: (user_id: string) => void
  paused: boolean
  held: number
}

/** Drawn anew only when what they say changes. */
const Actions = memo(function Actions({ person, onBlock, onClose, paused, held }: ActionsProps) {
  return (
    <span className="ml-auto flex items-center gap-0.5">
      {onBlock && (
        <Button size="sm" variant="quiet" icon={Ban} title="Block" onClick={() => onBlock(person)}>
          <span className="@max-lg:sr-only">Block</span>
        </Button>
      )}
      <Button
        size="sm"
        variant="quiet"
        icon={paused ? Play : Pause}
        title={paused ? "Play" : "Pause"}
        aria-pressed={paused}
        onClick={() => pausePanels([person.user_id], !paused)}
      >
        <span className="@max-lg:sr-only">{paused ? "Play" : "Pause"}</span>
        {held > 0 && <span className="tabular text-accent-text">+{held}</span>}
      </Button>
      <IconButton size="sm" icon={X} label="Close the panel" onClick={() => onClose(person.user_id)} />
    </span>
  )
})

function Figures({ record }: { record: RecordState }) {
  const remaining = remainingOf(record)
  const tokens = tokensByMinute(record, useNow())
  return <FigureWords remaining={remaining} tokens={tokens.join()} />
}

/** `tokens`: by minute, joined by commas, so that the same figures are the same value. */
const FigureWords = memo(function FigureWords(given: { remaining: number | null; tokens: string }) {
  const credits = useCredits()
  const tokens = given.tokens.split(",").map(Number)
  const total = tokens.reduce((sum, n) => sum + n, 0)
  return (
    <span className="flex items-center gap-2.5 text-fg-2 text-xs @max-md:order-last @max-md:basis-full">
      {given.remaining !== null && (
        <span className="tabular whitespace-nowrap">{credits(given.remaining)} credits</span>
      )}
      {total > 0 && (
        <Tooltip words={`${compact(total)} tokens in the last 10 minutes, by minute`}>
          <span className="flex items-center gap-1.5">
            <Sparkline values={tokens} className="h-4 w-10" />
            <span className="tabular whitespace-nowrap">
              {compact(tokens.at(-1) ?? 0)}
              <span className="@max-xl:sr-only"> tokens</span>/min
            </span>
          </span>
        </Tooltip>
      )}
    </span>
  )
})

function PanelBody({ panel, person, near, onMonitor }: PanelProps & { panel: PanelState; near: boolean }) {
  const { scroller, content, at_end, toEnd } = useStickToEnd(person.user_id)
  return (
    <div className="relative min-h-0 flex-1">
      <div ref={scroller} data-scroll className="h-full overflow-y-auto px-2.5 py-2">
        <div ref={content}>
          {panel.refused ? (
            <Refused words={panel.refused} person={person} onMonitor={onMonitor} />
          ) : panel.loaded || panel.record.size > 0 ? (
            <PanelFlows record={shown(panel)} brief={panel.busy && at_end && !near} />
          ) : (
            <BodySkeleton />
          )}
        </div>
      </div>
      {!at_end && (
        <Button
          size="sm"
          onClick={toEnd}
          className="absolute bottom-2 left-1/2 -translate-x-1/2 shadow-float"
        >
          To the newest
        </Button>
      )}
    </div>
  )
}

function Refused({
  words,
  person,
  onMonitor,
}: { words: string; person: Person } & Pick<LiveActions, "onMonitor">) {
  const manages = may(useMe(), "monitoring.manage")
  return (
    <EmptyState icon={Eye} title="Not watched" words={words}>
      {manages && (
        <Button variant="primary" onClick={() => onMonitor(person)}>
          Switch monitoring on
        </Button>
      )}
      <Button onClick={() => watchAgain(person.user_id)}>Try again</Button>
    </EmptyState>
  )
}

function BodySkeleton() {
  return (
    <div aria-busy="true" className="flex flex-col gap-1.5">
      {["a", "b", "c", "d"].map((line) => (
        <Skeleton key={line} className="h-9" />
      ))}
    </div>
  )
}
