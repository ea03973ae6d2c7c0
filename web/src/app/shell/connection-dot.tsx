/** Whether the live connection stands, in a dot and in words. */
import { reconnectNow, useChat } from "@/features/chat/store"
import { cn } from "@/ui/cn"
import { Tooltip } from "@/ui/tooltip"

const states = {
  open: { dot: "bg-ok", words: "Live", more: "Connected: answers and blocks arrive at once." },
  connecting: { dot: "bg-warn", words: "Connecting", more: "Opening the live connection." },
  waiting: {
    dot: "bg-warn",
    words: "Reconnecting",
    more: "The connection is lost; it is being opened again. Click to try now.",
  },
  ended: {
    dot: "bg-fg-3",
    words: "Off",
    more: "The server ended this connection. Load the page anew to come back.",
  },
}

export function ConnectionDot() {
  const link = useChat((state) => state.link)
  const welcomed = useChat((state) => state.welcome !== null)
  const { dot, words, more } = states[link === "connecting" && welcomed ? "waiting" : link]
  return (
    <Tooltip words={more} side="bottom">
      <button
        type="button"
        onClick={reconnectNow}
        className="flex h-7 items-center gap-1.5 rounded px-2 text-fg-2 text-xs hover:bg-hover"
      >
        <span aria-hidden="true" className={cn("size-2 rounded-full transition-colors", dot)} />
        <span className="max-sm:sr-only" role="status">
          {words}
        </span>
      </button>
    </Tooltip>
  )
}
