/** Above the panels: layout, pause of all, errors first, lists of people. */
import { Pause, Play, TriangleAlert, WifiOff } from "lucide-react"
import { Button } from "@/ui/button"
import { Segmented } from "@/ui/choice"
import { Icon } from "@/ui/icon"
import { FilterBar } from "@/ui/page"
import { layoutFor } from "./layout"
import type { Layout, LiveSearch } from "./live-search"
import { layouts } from "./live-search"
import { waiting } from "./panel-state"
import { useOfAll } from "./panel-store"
import { pausePanels, retryLive, useLink } from "./store"
import { WatchListsMenu } from "./watch-lists-menu"

interface LiveBarProps {
  search: LiveSearch
  ids: readonly string[]
  onChange: (next: Partial<LiveSearch>) => void
  onChoose: (user_ids: readonly string[]) => void
}

export function LiveBar({ search, ids, onChange, onChoose }: LiveBarProps) {
  return (
    <FilterBar>
      <WatchListsMenu ids={ids} onChoose={onChoose} />
      {ids.length > 0 && (
        <>
          <Segmented
            label="Panels at once"
            value={String(search.layout ?? layoutFor(ids.length))}
            onValue={(value) => onChange({ layout: Number(value) as Layout })}
            options={layouts.map((one) => ({ value: String(one), label: one }))}
            className="max-lg:hidden"
          />
          <PauseAll ids={ids} />
          <Button
            icon={TriangleAlert}
            aria-pressed={search.errors ?? false}
            onClick={() => onChange({ errors: search.errors ? undefined : true })}
            className="aria-pressed:border-warn aria-pressed:bg-warn-soft aria-pressed:text-warn"
          >
            Follow errors
          </Button>
        </>
      )}
    </FilterBar>
  )
}

function PauseAll({ ids }: { ids: readonly string[] }) {
  const paused = useOfAll((panels) => [...panels.values()].some(({ frozen }) => frozen !== null))
  const held = useOfAll((panels) => [...panels.values()].reduce((sum, panel) => sum + waiting(panel), 0))
  return (
    <Button icon={paused ? Play : Pause} aria-pressed={paused} onClick={() => pausePanels(ids, !paused)}>
      {paused ? "Play all" : "Pause all"}
      {held > 0 && <span className="tabular text-accent-text">+{held}</span>}
    </Button>
  )
}

/** Said only while the connection is not there. */
export function LinkNotice() {
  const link = useLink((state) => state.link)
  const late = useOfAll((panels) => [...panels.values()].some(({ loaded }) => loaded))
  if (link === "open" || (link === "connecting" && !late)) return null
  const words =
    link === "ended"
      ? "The server ended this connection. Load the page anew to come back."
      : "Reconnecting. Nothing is lost: what happens meanwhile is shown then."
  return (
    <p
      role="status"
      className="flex items-center gap-2 rounded border border-warn/30 bg-warn-soft px-3 py-2 text-warn"
    >
      <Icon of={WifiOff} />
      <span className="flex-1">{words}</span>
      {link === "waiting" && (
        <Button size="sm" variant="quiet" onClick={retryLive}>
          Try now
        </Button>
      )}
    </p>
  )
}
