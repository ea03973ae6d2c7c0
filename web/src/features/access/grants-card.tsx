/** The grants of one server or of one person: who may use what, each in a sentence; add, edit, take away. */
import { useQuery } from "@tanstack/react-query"
import { KeyRound, Pencil, Plus, Trash2 } from "lucide-react"
import { useState } from "react"
import { may, useMe } from "@/api/me"
import { errorState } from "@/api/pages"
import { asProblem, problemWords } from "@/api/problem"
import type { GrantView } from "@/api/shapes"
import { Button, IconButton } from "@/ui/button"
import { Card } from "@/ui/card"
import { Chips } from "@/ui/chips"
import { ConfirmDialog } from "@/ui/dialog"
import { EmptyState, ErrorState, Skeleton } from "@/ui/states"
import { toast } from "@/ui/toast"
import type { Person } from "@/ui/user-chip"
import { GrantDialog } from "./grant-dialog"
import { grantSentence } from "./patterns"
import { grantsQuery, useDeleteGrant } from "./queries"

interface GrantsCardProps {
  /** Slug of the server whose grants these are. */
  server?: string
  /** The person whose own grants these are. */
  person?: Person
  title?: string
}

export function GrantsCard({ server, person, title = "Who may use it" }: GrantsCardProps) {
  const query = useQuery(grantsQuery({ server, user: person?.user_id }))
  const error = errorState(query)
  const manage = may(useMe(), "grants.manage")
  const [editing, setEditing] = useState<GrantView | "new" | null>(null)
  const [removing, setRemoving] = useState<GrantView | null>(null)
  return (
    <Card
      title={title}
      words="Nobody may use anything without a grant, and a deny always wins."
      flush
      actions={
        manage && (
          <Button icon={Plus} onClick={() => setEditing("new")}>
            Grant
          </Button>
        )
      }
    >
      {query.data ? (
        query.data.length > 0 ? (
          <ul className="divide-y">
            {query.data.map((grant) => (
              <GrantLine
                key={grant.grant_id}
                grant={grant}
                onEdit={manage ? () => setEditing(grant) : undefined}
                onRemove={manage ? () => setRemoving(grant) : undefined}
              />
            ))}
          </ul>
        ) : (
          <EmptyState
            icon={KeyRound}
            title={person ? "No grant of their own" : "Nobody may use it yet"}
            words={
              person
                ? "They may use what everyone or their role may use."
                : "Grant it to everyone, to a role or to a person."
            }
          />
        )
      ) : error ? (
        <ErrorState {...error} />
      ) : (
        <div aria-busy="true" className="flex flex-col gap-3 p-4">
          <Skeleton className="h-5 w-80 max-w-full" />
          <Skeleton className="h-5 w-56 max-w-full" />
        </div>
      )}
      {editing && (
        <GrantDialog
          grant={editing === "new" ? null : editing}
          server={server}
          person={person}
          onClose={() => setEditing(null)}
        />
      )}
      {removing && <RemoveDialog grant={removing} onClose={() => setRemoving(null)} />}
    </Card>
  )
}

interface GrantLineProps {
  grant: GrantView
  onEdit?: () => void
  onRemove?: () => void
}

function GrantLine({ grant, onEdit, onRemove }: GrantLineProps) {
  return (
    <li className="flex items-start gap-3 px-4 py-2.5">
      <div className="min-w-0 flex-1">
        <p className="break-words">{grantSentence(grant)}</p>
        <p className="text-fg-3 text-xs">rule "{grant.name}"</p>
        {(grant.allow.length > 1 || grant.deny.length > 0) && (
          <div className="mt-1.5">
            <Chips
              items={[
                ...grant.allow.map((pattern) => ({
                  key: `+${pattern}`,
                  words: pattern,
                  note: "allowed",
                  tone: "ok" as const,
                })),
                ...grant.deny.map((pattern) => ({
                  key: `-${pattern}`,
                  words: pattern,
                  note: "denied",
                  tone: "bad" as const,
                })),
              ]}
            />
          </div>
        )}
      </div>
      {onEdit && <IconButton icon={Pencil} label={`Edit grant ${grant.name}`} size="sm" onClick={onEdit} />}
      {onRemove && (
        <IconButton icon={Trash2} label={`Remove grant ${grant.name}`} size="sm" onClick={onRemove} />
      )}
    </li>
  )
}

function RemoveDialog({ grant, onClose }: { grant: GrantView; onClose: () => void }) {
  const remove = useDeleteGrant()
  return (
    <ConfirmDialog
      open
      onOpen={onClose}
      title={`Remove grant "${grant.name}"`}
      words={`It no longer holds from the next call: ${grantSentence(grant)}`}
      verb="Remove grant"
      onConfirm={() =>
        remove.mutateAsync(grant.grant_id).then(onClose, (thrown) => {
          toast.failed("The grant was not removed", problemWords(asProblem(thrown)))
        })
      }
    />
  )
}
