/** Naming a team, new or not, and deleting one. */
import { type FormEvent, useId, useState } from "react"
import { asProblem, fieldError, formError, problemWords } from "@/api/problem"
import { type TeamDetail, type TeamRef, useDeleteTeam, useNameTeam } from "@/api/teams"
import { plural } from "@/lib/format"
import { Button } from "@/ui/button"
import { ConfirmDialog, Dialog } from "@/ui/dialog"
import { Field } from "@/ui/field"
import { Input } from "@/ui/input"
import { toast } from "@/ui/toast"

interface NameTeamDialogProps {
  /** Null for one that is to be made. */
  team: TeamRef | null
  onNamed?: (team_id: string) => void
  onClose: () => void
}

export function NameTeamDialog({ team, onNamed, onClose }: NameTeamDialogProps) {
  const [name, setName] = useState(team?.name ?? "")
  const save = useNameTeam(team?.team_id ?? null)
  const form_id = useId()
  const wanted = name.trim()
  const changed = wanted !== (team?.name ?? "")
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate(wanted, {
      onSuccess: ({ team_id }) => {
        onNamed?.(team_id)
        onClose()
      },
    })
  }
  return (
    <Dialog
      open
      onOpen={onClose}
      dirty={changed}
      title={team ? `Rename ${team.name}` : "Add team"}
      words={team ? undefined : "You add its members next."}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            form={form_id}
            variant="primary"
            busy={save.isPending}
            disabled={!wanted || !changed}
          >
            {team ? "Rename team" : "Add team"}
          </Button>
        </>
      }
    >
      <form id={form_id} onSubmit={submit} className="mt-4">
        <Field label="Name" error={fieldError(save.error, "name") ?? formError(save.error, ["name"])}>
          <Input
            required
            maxLength={100}
            autoComplete="off"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
      </form>
    </Dialog>
  )
}

interface DeleteTeamDialogProps {
  team: TeamDetail
  monitored: boolean
  onDeleted: () => void
  onClose: () => void
}

export function DeleteTeamDialog({ team, monitored, onDeleted, onClose }: DeleteTeamDialogProps) {
  const remove = useDeleteTeam(team.team_id)
  const count = team.members.length
  const members = count === 0 ? "Nobody belongs to it." : `Its ${plural(count, "member")} stay as they are.`
  const ends = monitored
    ? " Its monitoring ends, and with it the panels of who is not monitored otherwise."
    : ""
  return (
    <ConfirmDialog
      open
      onOpen={onClose}
      title={`Delete team ${team.name}`}
      words={`${members}${ends} What the journal says of it stays.`}
      verb="Delete team"
      onConfirm={() =>
        remove.mutateAsync().then(onDeleted, (thrown) => {
          toast.failed("The team was not deleted", problemWords(asProblem(thrown)))
        })
      }
    />
  )
}
