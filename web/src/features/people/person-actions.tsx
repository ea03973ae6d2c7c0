/** What can be done about a person: block, new link, role, deactivate; each with its consequence in words. */
import { Link } from "@tanstack/react-router"
import { Ban, Download, Eraser, Eye, KeyRound, Radio, Shield, UserCheck, UserX } from "lucide-react"
import { useState } from "react"
import { may, useMe } from "@/api/me"
import { asProblem, problemWords } from "@/api/problem"
import type { Role, UserRow } from "@/api/types"
import { Button, buttonStyle } from "@/ui/button"
import { ConfirmDialog } from "@/ui/dialog"
import { Field } from "@/ui/field"
import { Icon } from "@/ui/icon"
import { Menu, MenuContent, MenuItem, MenuTrigger } from "@/ui/menu"
import { Select } from "@/ui/select"
import { toast } from "@/ui/toast"
import { askToBlock, askToMonitor } from "./block-store"
import { EraseDialog } from "./erase-dialog"
import { LinkDialog } from "./invite-dialog"
import { useChangePerson, useNewLink } from "./queries"
import { role_options, roles } from "./words"

export function PersonActions({ user }: { user: UserRow }) {
  const me = useMe()
  const [asking, setAsking] = useState<"role" | "status" | "reset" | "erase" | null>(null)
  const link = useNewLink(user.user_id)
  const own = user.user_id === me.user.user_id
  const active = user.status !== "deactivated"
  const invited = user.status === "invited"
  if (!may(me, "users.manage")) return <WatchLink user={user} />
  return (
    <div className="flex flex-wrap gap-2">
      <WatchLink user={user} />
      <Menu>
        <MenuTrigger asChild>
          <Button>Manage</Button>
        </MenuTrigger>
        <MenuContent align="end">
          <MenuItem icon={Shield} onSelect={() => setAsking("role")}>
            Change role
          </MenuItem>
          {active && (
            <MenuItem icon={KeyRound} onSelect={() => (invited ? link.mutate() : setAsking("reset"))}>
              {invited ? "New invitation link" : "Password reset link"}
            </MenuItem>
          )}
          {may(me, "monitoring.manage") && (
            <MenuItem icon={Eye} onSelect={() => askToMonitor(user)}>
              Monitor live
            </MenuItem>
          )}
          <ExportItem user={user} />
          {may(me, "record.manage") && (
            <MenuItem icon={Eraser} danger onSelect={() => setAsking("erase")}>
              Erase content
            </MenuItem>
          )}
          <MenuItem icon={active ? UserX : UserCheck} danger={active} onSelect={() => setAsking("status")}>
            {active ? "Deactivate" : "Activate again"}
          </MenuItem>
        </MenuContent>
      </Menu>
      {!user.blocked && !own && may(me, "users.block") && (
        <Button variant="danger" icon={Ban} onClick={() => askToBlock(user)}>
          Block
        </Button>
      )}
      {link.data && (
        <LinkDialog
          title={invited ? "New invitation link" : "Password reset link"}
          words={`Send it to ${user.email}. Nobody else should have it.`}
          created={link.data}
          onClose={() => {
            setAsking(null)
            link.reset()
          }}
        />
      )}
      {asking === "reset" && !link.data && (
        <ResetDialog
          name={user.name || user.email}
          own={own}
          onMake={() => link.mutateAsync().catch(() => undefined)}
          onClose={() => setAsking(null)}
        />
      )}
      {asking === "erase" && <EraseDialog user={user} onClose={() => setAsking(null)} />}
      {asking === "role" && <RoleDialog user={user} onClose={() => setAsking(null)} />}
      {asking === "status" && <StatusDialog user={user} onClose={() => setAsking(null)} />}
    </div>
  )
}

/** All that is kept of them, as a file: who they are, their conversations, their flows. */
function ExportItem({ user }: { user: UserRow }) {
  if (!may(useMe(), "flows.content")) return null
  return (
    <MenuItem asChild>
      <a href={`/api/insight/export/users/${user.user_id}`} download>
        <Icon of={Download} size={14} className="text-fg-3" />
        Export all they did and said
      </a>
    </MenuItem>
  )
}

/** Their panel on the Live page; where they are not monitored it says so, and offers it. */
function WatchLink({ user }: { user: UserRow }) {
  if (!may(useMe(), "flows.read")) return null
  return (
    <Link to="/admin/live" search={{ u: user.user_id }} className={buttonStyle()}>
      <Icon of={Radio} />
      Watch
    </Link>
  )
}

interface ResetDialogProps {
  name: string
  own: boolean
  onMake: () => Promise<unknown>
  onClose: () => void
}

function ResetDialog({ name, own, onMake, onClose }: ResetDialogProps) {
  const who = own ? "You are" : `${name} is`
  const whose = own ? "your" : "their"
  return (
    <ConfirmDialog
      open
      onOpen={onClose}
      title={`Reset the password of ${name}`}
      words={`Makes a one-time link to choose a new password. ${who} signed out everywhere at once, and all ${whose} access tokens are revoked.`}
      verb="Make reset link"
      onConfirm={onMake}
    />
  )
}

interface AskProps {
  user: UserRow
  onClose: () => void
}

function RoleDialog({ user, onClose }: AskProps) {
  const [role, setRole] = useState<Role>(user.role)
  const change = useChangePerson(user.user_id)
  const save = async () => {
    await change.mutateAsync({ role }).then(
      () => {
        toast.done(`${user.name || user.email} is now ${roles[role].title.toLowerCase()}`)
        onClose()
      },
      () => undefined,
    )
  }
  return (
    <ConfirmDialog
      open
      onOpen={onClose}
      tone="primary"
      title={`Role of ${user.name || user.email}`}
      words="It holds from the next message or call, in all their open windows and clients."
      verb="Change role"
      disabled={role === user.role}
      onConfirm={save}
    >
      <div className="mt-4">
        <Field label="Role" error={change.error ? problemWords(asProblem(change.error)) : null}>
          <Select value={role} onValue={setRole} options={role_options} />
        </Field>
      </div>
    </ConfirmDialog>
  )
}

function StatusDialog({ user, onClose }: AskProps) {
  const change = useChangePerson(user.user_id)
  const active = user.status !== "deactivated"
  const name = user.name || user.email
  const save = async () => {
    await change.mutateAsync({ status: active ? "deactivated" : "active" }).then(onClose, () => undefined)
  }
  return (
    <ConfirmDialog
      open
      onOpen={onClose}
      tone={active ? "danger" : "primary"}
      title={active ? `Deactivate ${name}` : `Activate ${name} again`}
      words={
        active
          ? "They are signed out everywhere and can no longer sign in; their tokens stop working. Their flows and the journal stay. You can activate them again."
          : "They can sign in again with their password, and their tokens work again."
      }
      verb={active ? "Deactivate" : "Activate"}
      onConfirm={save}
    >
      {change.error && (
        <p role="alert" className="mt-3 text-bad">
          {problemWords(asProblem(change.error))}
        </p>
      )}
    </ConfirmDialog>
  )
}
