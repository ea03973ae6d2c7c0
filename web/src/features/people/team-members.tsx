/** Who belongs to a team: found by name or e-mail and added, or removed again. */
import { UserMinus, Users } from "lucide-react"
import { may, useMe } from "@/api/me"
import { usePersonSearch } from "@/api/person-search"
import { asProblem, problemWords } from "@/api/problem"
import { type TeamDetail, type TeamMember, useAddMember, useRemoveMember } from "@/api/teams"
import { IconButton } from "@/ui/button"
import { Card } from "@/ui/card"
import { EmptyState } from "@/ui/states"
import { Time } from "@/ui/time"
import { toast } from "@/ui/toast"
import { UserChip } from "@/ui/user-chip"
import { UserPicker } from "@/ui/user-picker"

export function TeamMembers({ team }: { team: TeamDetail }) {
  const manages = may(useMe(), "users.manage")
  return (
    <Card title="Members" flush actions={manages && <AddMember team={team} />}>
      {team.members.length > 0 ? (
        <ul aria-label="Members" className="divide-y">
          {team.members.map((member) => (
            <MemberLine key={member.user_id} team={team} member={member} manages={manages} />
          ))}
        </ul>
      ) : (
        <EmptyState
          icon={Users}
          title="Nobody belongs to it yet"
          words={manages ? "Find somebody by name or e-mail and add them." : undefined}
        />
      )}
    </Card>
  )
}

function AddMember({ team }: { team: TeamDetail }) {
  const search = usePersonSearch()
  const add = useAddMember(team.team_id)
  const others = search.people?.filter(
    ({ user_id }) => !team.members.some((member) => member.user_id === user_id),
  )
  return (
    <UserPicker
      {...search}
      people={others}
      label="Add a person"
      value={null}
      onValue={(person) =>
        person &&
        add.mutate(person.user_id, {
          onError: (thrown) => toast.failed("Nobody was added", problemWords(asProblem(thrown))),
        })
      }
      className="w-44 sm:w-56"
    />
  )
}

interface MemberLineProps {
  team: TeamDetail
  member: TeamMember
  manages: boolean
}

function MemberLine({ team, member, manages }: MemberLineProps) {
  const remove = useRemoveMember(team.team_id)
  const name = member.name || member.email
  const onRemove = () =>
    remove.mutate(member.user_id, {
      onSuccess: () => toast.done(`${name} does not belong to ${team.name} any more.`),
      onError: (thrown) => toast.failed(`${name} was not removed`, problemWords(asProblem(thrown))),
    })
  return (
    <li className="flex min-h-10 items-center gap-3 px-4 py-1.5">
      <span className="min-w-0 flex-1">
        <UserChip person={member} />
      </span>
      <span className="text-fg-3 text-xs max-sm:hidden">
        added <Time at={member.added_at} />
      </span>
      {manages && (
        <IconButton
          icon={UserMinus}
          size="sm"
          label={`Remove ${name} from the team`}
          disabled={remove.isPending}
          onClick={onRemove}
        />
      )}
    </li>
  )
}
