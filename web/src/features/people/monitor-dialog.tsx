/** Switching monitoring on: for how long, and what it means. */
import { Eye } from "lucide-react"
import { type FormEvent, useId, useState } from "react"
import { useMonitor, type Whom } from "@/api/monitoring"
import { asProblem, problemWords } from "@/api/problem"
import type { TeamRef } from "@/api/teams"
import { clock } from "@/lib/time"
import { Button } from "@/ui/button"
import { Segmented } from "@/ui/choice"
import { Dialog } from "@/ui/dialog"
import { toast } from "@/ui/toast"
import type { Person } from "@/ui/user-chip"

const hours = { "1": "1 hour", "8": "8 hours", "24": "1 day", "168": "7 days" } as const
type Hours = keyof typeof hours

const on_record = "Who sets it and who watches is on record."

export function MonitorPerson({ person, onClose }: { person: Person; onClose: () => void }) {
  return (
    <MonitorDialog
      whom={{ user_id: person.user_id }}
      name={person.name || person.email}
      words={`Administrators and auditors can then watch every step of their flows live. ${on_record}`}
      onClose={onClose}
    />
  )
}

export function MonitorTeam({ team, onClose }: { team: TeamRef; onClose: () => void }) {
  return (
    <MonitorDialog
      whom={{ team_id: team.team_id }}
      name={`team ${team.name}`}
      words={`Administrators and auditors can then watch every step of its members' flows live. Whoever joins meanwhile is monitored too, whoever leaves is not any more. ${on_record}`}
      onClose={onClose}
    />
  )
}

interface MonitorDialogProps {
  whom: Whom
  name: string
  words: string
  onClose: () => void
}

function MonitorDialog({ whom, name, words, onClose }: MonitorDialogProps) {
  const [length, setLength] = useState<Hours>("1")
  const monitor = useMonitor(whom)
  const form_id = useId()
  const until = new Date(Date.now() + Number(length) * 3_600_000)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    monitor.mutate(until, {
      onSuccess: () => {
        toast.done(`${name[0]?.toUpperCase()}${name.slice(1)} is monitored for ${hours[length]}.`)
        onClose()
      },
    })
  }
  return (
    <Dialog
      open
      onOpen={onClose}
      title={`Monitor ${name}`}
      words={words}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={form_id} variant="primary" icon={Eye} busy={monitor.isPending}>
            Start monitoring
          </Button>
        </>
      }
    >
      <form id={form_id} onSubmit={submit} className="mt-2 flex flex-col gap-2">
        <span className="font-medium text-xs">For how long</span>
        <Segmented
          label="For how long"
          value={length}
          onValue={setLength}
          options={(Object.keys(hours) as Hours[])
            .toSorted((a, b) => Number(a) - Number(b))
            .map((value) => ({ value, label: hours[value] }))}
          className="self-start"
        />
        <p className="text-fg-2 text-xs">
          Ends {until.toLocaleDateString("en-GB", { day: "numeric", month: "short" })} at {clock(until)} by
          itself.
        </p>
        {monitor.error && (
          <p role="alert" className="rounded border border-bad/30 bg-bad-soft px-3 py-2">
            {problemWords(asProblem(monitor.error))}
          </p>
        )}
      </form>
    </Dialog>
  )
}
