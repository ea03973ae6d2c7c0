/** A thin bar while the connection is away. */
import { WifiOff } from "lucide-react"
import { Button } from "@/ui/button"
import { Icon } from "@/ui/icon"
import { reconnectNow, useChat } from "./store"

export function OfflineBar() {
  const away = useChat(
    (state) => state.welcome !== null && (state.link === "waiting" || state.link === "connecting"),
  )
  const ended = useChat((state) => state.link === "ended")
  const farewell = useChat((state) => state.farewell)
  if (!away && !ended) return null
  return (
    <div
      role="status"
      className="flex min-h-8 shrink-0 items-center justify-center gap-2 border-b bg-warn-soft px-3 text-warn text-xs"
    >
      <Icon of={WifiOff} size={14} />
      {ended ? (farewell?.detail ?? "The server ended this connection.") : "Reconnecting, nothing is lost"}
      {ended ? (
        <Button
          variant="link"
          size="inline"
          className="text-warn text-xs underline"
          onClick={() => location.reload()}
        >
          Load the page anew
        </Button>
      ) : (
        <Button variant="link" size="inline" className="text-warn text-xs underline" onClick={reconnectNow}>
          Try now
        </Button>
      )}
    </div>
  )
}
