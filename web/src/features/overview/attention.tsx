/** What needs a person now, each in a sentence that leads there. */
import { ChevronRight, CircleCheck, Gauge, Receipt, ShieldAlert, Unplug } from "lucide-react"
import type { Overview } from "@/api/shapes"
import { Icon } from "@/ui/icon"
import { PathLink } from "@/ui/path-link"

type Item = Overview["attention"][number]

const looks: Record<Item["code"], { icon: typeof Unplug; tone: string }> = {
  server_down: { icon: Unplug, tone: "text-bad" },
  tool_held: { icon: ShieldAlert, tone: "text-warn" },
  user_at_limit: { icon: Gauge, tone: "text-warn" },
  model_unpriced: { icon: Receipt, tone: "text-warn" },
}

export function Attention({ items }: { items: readonly Item[] }) {
  if (items.length === 0)
    return (
      <p className="flex items-center gap-2.5 rounded border bg-surface px-3 py-2.5 text-fg-2">
        <Icon of={CircleCheck} className="text-ok" />
        Nothing needs you now.
      </p>
    )
  return (
    <section aria-label="Needs you now" className="overflow-hidden rounded border bg-surface">
      <ul className="divide-y">
        {items.map((item) => {
          const { icon, tone } = looks[item.code] ?? looks.server_down
          return (
            <li key={item.sentence}>
              <PathLink
                to={item.href}
                className="flex items-center gap-2.5 px-3 py-2.5 transition-colors hover:bg-hover focus-visible:outline-offset-[-2px]"
              >
                <Icon of={icon} className={tone} />
                <span className="min-w-0 flex-1 break-words">{item.sentence}</span>
                <Icon of={ChevronRight} size={14} className="text-fg-3" />
              </PathLink>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
