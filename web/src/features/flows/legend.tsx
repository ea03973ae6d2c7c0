/** What the colours and icons of steps mean: the kinds that occur with their count, and all there are. */
import { CircleHelp } from "lucide-react"
import { plural } from "@/lib/format"
import { Button } from "@/ui/button"
import { Icon } from "@/ui/icon"
import { Popover, PopoverContent, PopoverTrigger } from "@/ui/overlay"
import { all_kinds, kindOf } from "./kinds"
import type { Step } from "./steps"

export function Legend({ steps }: { steps: readonly Step[] }) {
  const counts = new Map<string, { kind: string; n: number }>()
  for (const { kind } of steps) {
    const { title } = kindOf(kind)
    counts.set(title, { kind, n: (counts.get(title)?.n ?? 0) + 1 })
  }
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-fg-2 text-xs">
      <ul aria-label="Legend" className="contents">
        {[...counts.values()].map(({ kind, n }) => (
          <li key={kind} className="inline-flex items-center gap-1.5">
            <KindName kind={kind} />
            {n > 1 && (
              <span className="tabular text-fg-3">
                <span aria-hidden="true">{n}</span>
                <span className="sr-only">, {plural(n, "step")}</span>
              </span>
            )}
          </li>
        ))}
      </ul>
      <AllKinds />
    </div>
  )
}

function AllKinds() {
  return (
    <Popover>
      <PopoverTrigger asChild>
        <Button variant="quiet" size="sm" icon={CircleHelp} className="-my-1 h-6 px-1.5">
          All kinds
        </Button>
      </PopoverTrigger>
      <PopoverContent align="start" className="w-[420px]" aria-label="All kinds of steps">
        <ul className="grid gap-y-1.5 text-xs">
          {all_kinds.map((kind) => (
            <li key={kind} className="grid grid-cols-[136px_1fr] gap-x-3">
              <span className="inline-flex items-center gap-1.5 font-medium">
                <KindName kind={kind} />
              </span>
              <span className="text-fg-2">{kindOf(kind).about}</span>
            </li>
          ))}
        </ul>
      </PopoverContent>
    </Popover>
  )
}

function KindName({ kind }: { kind: string }) {
  const { icon, title, hue } = kindOf(kind)
  return (
    <>
      <span style={{ color: hue }}>
        <Icon of={icon} size={14} />
      </span>
      {title}
    </>
  )
}
