/** The Live page, with what the feature of people does to whom it shows. */
import { LivePage } from "@/features/flows/live/live-page"
import { askToBlock, askToMonitor, askToMonitorTeam } from "@/features/people/block-store"

export function Live() {
  return <LivePage onBlock={askToBlock} onMonitor={askToMonitor} onMonitorTeam={askToMonitorTeam} />
}
