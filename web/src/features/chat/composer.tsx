/** Where one writes: grows to ten lines, Enter sends, Shift+Enter breaks, Up takes the last words back. */
import { ArrowUp, Square } from "lucide-react"
import { type KeyboardEvent, useState } from "react"
import { create } from "zustand"
import { useFocusOnArrival } from "@/ui/focus"
import { Icon } from "@/ui/icon"
import { useShortcuts } from "@/ui/shortcuts"
import { Tooltip } from "@/ui/tooltip"
import { CreditsLeft, ToolsChip } from "./composer-facts"
import { ModelPicker } from "./model-picker"
import { stop } from "./store"
import type { Talk } from "./talk"
import type { Turn } from "./turn"

/** What is half written, by conversation, while the page is open. */
const useDrafts = create<Record<string, string>>(() => ({}))

interface ComposerProps {
  draft_key: string
  running: Turn | null
  talk: Talk
  lastSaid: string
}

export function Composer({ draft_key, running, talk, lastSaid }: ComposerProps) {
  const [text, setText] = useState(() => useDrafts.getState()[draft_key] ?? "")
  const field = useFocusOnArrival<HTMLTextAreaElement>()
  useShortcuts({
    Escape: running ? () => stop(running.flow_id) : undefined,
    "/": () => field.current?.focus(),
  })
  const change = (next: string) => {
    setText(next)
    useDrafts.setState({ [draft_key]: next })
  }
  const send = () => {
    if (!text.trim() || running) return
    talk.say(text.trim())
    change("")
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault()
      send()
    }
    if (event.key === "ArrowUp" && !text && lastSaid) {
      event.preventDefault()
      change(lastSaid)
    }
    if (event.key === "Escape" && running) stop(running.flow_id)
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
      className="rounded-lg border bg-surface shadow-[0_1px_3px_oklch(0%_0_0/0.05)] transition-colors focus-within:border-border-strong"
    >
      <div className="grid max-h-[calc(10*1.45*0.875rem+0.625rem)] overflow-y-auto text-base">
        <textarea
          ref={field}
          rows={1}
          aria-label="Message"
          placeholder="Ask something, or say what to do"
          value={text}
          onChange={(event) => change(event.target.value)}
          onKeyDown={onKeyDown}
          className="col-start-1 row-start-1 resize-none overflow-hidden bg-transparent px-3.5 pt-2.5 pb-1.5 outline-none"
        />
        <div
          aria-hidden="true"
          className="invisible col-start-1 row-start-1 whitespace-pre-wrap break-words px-3.5 pt-2.5 pb-1.5"
        >
          {`${text}\n`}
        </div>
      </div>
      <div className="flex items-center gap-1 px-2 pt-1 pb-2">
        <ModelPicker />
        <ToolsChip />
        <span className="flex-1" />
        <CreditsLeft />
        <span className="w-1" />
        <SendButton running={running} empty={!text.trim()} />
      </div>
    </form>
  )
}

function SendButton({ running, empty }: { running: Turn | null; empty: boolean }) {
  if (running) {
    return (
      <Tooltip words="Stop" shortcut="Esc">
        <button
          type="button"
          aria-label="Stop the answer"
          onClick={() => stop(running.flow_id)}
          className="grid size-8 shrink-0 place-items-center rounded bg-fg text-bg transition-opacity hover:opacity-85"
        >
          <Icon of={Square} size={12} className="fill-current" />
        </button>
      </Tooltip>
    )
  }
  return (
    <Tooltip words="Send" shortcut="Enter">
      <button
        type="submit"
        aria-label="Send"
        aria-disabled={empty}
        className="grid size-8 shrink-0 place-items-center rounded bg-accent text-on-accent transition-colors hover:bg-accent-hover aria-disabled:bg-hover aria-disabled:text-fg-3"
      >
        <Icon of={ArrowUp} />
      </button>
    </Tooltip>
  )
}
