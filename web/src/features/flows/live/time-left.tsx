/** How long a monitoring still runs, and its end: another one, or now. */
import { Clock, EyeOff } from "lucide-react"
import { may, useMe } from "@/api/me"
import { useEndMonitoring, type Whom } from "@/api/monitoring"
import { asProblem, problemWords } from "@/api/problem"
import { leftWords } from "@/lib/left"
import { Button } from "@/ui/button"
import { Menu, MenuContent, MenuItem, MenuTrigger } from "@/ui/menu"
import { useNow } from "@/ui/time"
import { toast } from "@/ui/toast"
import { Tooltip } from "@/ui/tooltip"

interface TimeLeftProps {
  /** Whose monitoring it is, in words. */
  of: string
  until: string
  /** Who set it, in words. */
  set: string
  another: { words: string; onSet: () => void }
  endings: readonly { words: string; whom: Whom }[]
}

export function TimeLeft({ of, until, set, another, endings }: TimeLeftProps) {
  const words = leftWords(until, useNow())
  const label = `${words}, ${set}`
  if (!may(useMe(), "monitoring.manage"))
    return (
      <Tooltip words={label}>
        <span className="tabular text-fg-3 text-xs">{words}</span>
      </Tooltip>
    )
  return (
    <Menu>
      <MenuTrigger asChild>
        <Button
          size="sm"
          variant="quiet"
          aria-label={`Monitoring of ${of}: ${label}`}
          className="tabular px-1.5 font-normal"
        >
          {words}
        </Button>
      </MenuTrigger>
      <MenuContent align="end">
        <p className="px-2 py-1 text-fg-3 text-xs first-letter:uppercase">{set}</p>
        <MenuItem icon={Clock} onSelect={another.onSet}>
          {another.words}
        </MenuItem>
        {endings.map((ending) => (
          <EndItem key={ending.words} {...ending} />
        ))}
      </MenuContent>
    </Menu>
  )
}

function EndItem({ words, whom }: TimeLeftProps["endings"][number]) {
  const end = useEndMonitoring(whom)
  const onSelect = () =>
    end.mutate(undefined, {
      onError: (thrown) => toast.failed("The monitoring did not end", problemWords(asProblem(thrown))),
    })
  return (
    <MenuItem icon={EyeOff} danger onSelect={onSelect}>
      {words}
    </MenuItem>
  )
}
