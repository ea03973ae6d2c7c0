/** The panels in their layout; 1 to 9 go to one of them. */

import { useQuery } from "@tanstack/react-query"
import { type CSSProperties, useCallback } from "react"
import type { MonitoredUser } from "@/api/monitoring"
import { useConnection } from "@/api/socket-connection"
import { userQuery } from "@/api/users"
import { useShortcuts } from "@/ui/shortcuts"
import type { Person } from "@/ui/user-chip"
import { type LiveActions, panelId } from "./actions"
import { columns } from "./layout"
import type { Layout } from "./live-search"
import { Panel } from "./panel"
import { fresh_panel, inTrouble } from "./panel-state"
import { useOfAll, useOfPanel } from "./panel-store"
import { watchAgain } from "./store"

interface PanelsProps extends LiveActions {
  ids: readonly string[]
  people: readonly MonitoredUser[] | undefined
  layout: Layout
  errors_first: boolean
  onClose: (user_id: string) => void
}

export function Panels({ ids, people, layout, errors_first, ...actions }: PanelsProps) {
  const troubled = useOfAll((panels) =>
    errors_first ? ids.filter((id) => inTrouble((panels.get(id) ?? fresh_panel).record)).join() : "",
  ).split(",")
  const ordered = errors_first
    ? ids.toSorted((a, b) => Number(troubled.includes(b)) - Number(troubled.includes(a)))
    : ids
  usePanelKeys(ordered)
  const rows = layout / columns[layout]
  const style = {
    "--columns": columns[layout],
    "--panel": `max(220px, calc((100dvh - 186px - ${(rows - 1) * 12}px) / ${rows}))`,
  } as CSSProperties
  return (
    <div style={style} className="grid min-w-0 gap-3 lg:grid-cols-[repeat(var(--columns),minmax(0,1fr))]">
      {ordered.map((user_id) => (
        <PanelOf
          key={user_id}
          user_id={user_id}
          known={people?.find((one) => one.user_id === user_id)}
          marked={errors_first && troubled.includes(user_id)}
          {...actions}
        />
      ))}
    </div>
  )
}

interface PanelOfProps extends LiveActions {
  user_id: string
  known: MonitoredUser | undefined
  marked: boolean
  onClose: (user_id: string) => void
}

/** Who it is: from the list of the monitored, else asked for by id. */
function PanelOf({ user_id, known, ...rest }: PanelOfProps) {
  const { data } = useQuery({ ...userQuery(user_id), enabled: !known })
  const refused = useOfPanel(user_id, (panel) => panel.refused !== null)
  useWatchedAgain(user_id, refused && known !== undefined)
  const person: Person = known ?? data ?? { user_id, name: null, email: user_id }
  return <Panel person={person} {...rest} />
}

/** Who was refused is watched as soon as the list says that they are monitored. */
function useWatchedAgain(user_id: string, now: boolean) {
  useConnection(
    useCallback(() => {
      if (now) watchAgain(user_id)
      return () => undefined
    }, [user_id, now]),
  )
}

function usePanelKeys(ids: readonly string[]) {
  const keys = ids.slice(0, 9).map((user_id, i) => [
    String(i + 1),
    () => {
      const element = document.getElementById(panelId(user_id))
      element?.scrollIntoView({ block: "nearest" })
      element?.focus()
    },
  ])
  useShortcuts(Object.fromEntries(keys))
}
