/** The exports of this tab beneath the page: how far each is, and what can be done with it. */
import { CircleCheck, CircleX, LoaderCircle, TriangleAlert } from "lucide-react"
import { useMe } from "@/api/me"
import { bytes } from "@/lib/format"
import { Button } from "@/ui/button"
import { cn } from "@/ui/cn"
import { Dock } from "@/ui/dock"
import { Icon } from "@/ui/icon"
import { Progress } from "@/ui/progress"
import { discard, goOn, save, stop } from "./run"
import { type Export, useExports } from "./store"
import { shareOf, subjectOf, wordsOf } from "./words"

export default function Tray() {
  const { user } = useMe()
  const items = useExports((state) => state.items).filter(({ user_id }) => user_id === user.user_id)
  if (items.length === 0) return null
  return (
    <Dock label="Exports">
      <ul className="divide-y">
        {items.map((item) => (
          <Row key={item.id} item={item} />
        ))}
      </ul>
    </Dock>
  )
}

function Row({ item }: { item: Export }) {
  const [going, stopped] = [item.state === "going", item.state === "stopped"]
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1.5 px-3 py-1.5 sm:px-6">
      <div className={cn("flex min-w-0 flex-1 items-start gap-2", stopped ? "basis-72" : "basis-36")}>
        <StateIcon item={item} />
        <div className="min-w-0 flex-1">
          <p className="tabular break-words">{wordsOf(item)}</p>
          <p className="flex gap-x-2 text-fg-2 text-xs">
            <span className="min-w-0 truncate">{subjectOf(item)}</span>
            {item.bytes > 0 && <span className="tabular whitespace-nowrap">{bytes(item.bytes)}</span>}
          </p>
        </div>
        {/* What goes on is heard when it changes, not with every flow. */}
        <p role="status" className="sr-only">
          {going ? `Exporting. ${subjectOf(item)}` : wordsOf(item)}
        </p>
      </div>
      {going && (
        <Progress share={shareOf(item)} words={wordsOf(item)} className="max-sm:order-last w-full sm:w-56" />
      )}
      <div className="ml-auto flex flex-wrap justify-end gap-1.5">
        <Acts item={item} />
      </div>
    </li>
  )
}

function Acts({ item }: { item: Export }) {
  const { state, form, refused } = item
  const some = item.flows > 0
  return (
    <>
      {state === "stopped" && !refused && (
        <Button size="sm" variant="primary" onClick={() => void goOn(item)}>
          {some ? "Go on" : "Try again"}
        </Button>
      )}
      {state !== "going" && some && (
        <Button size="sm" onClick={() => save(item)}>
          {state === "done"
            ? "Save again"
            : form === "json"
              ? "Save without its proof"
              : "Save what is there"}
        </Button>
      )}
      <Button
        key="end"
        size="sm"
        variant="quiet"
        onClick={() => (state === "going" ? stop(item) : discard(item.id))}
      >
        {state === "going" ? "Cancel" : state === "stopped" && some ? "Discard" : "Close"}
      </Button>
    </>
  )
}

function StateIcon({ item: { state, flows } }: { item: Export }) {
  const [icon, colour] =
    state === "going"
      ? [LoaderCircle, "animate-turn text-info"]
      : state === "done"
        ? [CircleCheck, "text-ok"]
        : flows > 0
          ? [TriangleAlert, "text-warn"]
          : [CircleX, "text-bad"]
  return <Icon of={icon} className={cn("mt-0.5", colour)} />
}
