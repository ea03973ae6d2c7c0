/** One conversation in the list: a link that can be renamed in place, and deleted after a question. */
import { Link, useNavigate } from "@tanstack/react-router"
import { Ellipsis, Pencil, Trash2 } from "lucide-react"
import { useState } from "react"
import type { ConversationView } from "@/api/types"
import { cn } from "@/ui/cn"
import { Icon } from "@/ui/icon"
import { Input } from "@/ui/input"
import { ConfirmDialog } from "@/ui/later"
import { Menu, MenuContent, MenuItem, MenuTrigger } from "@/ui/menu"
import { useDelete, useRename } from "./queries"
import { runningTurn } from "./state"
import { useChat } from "./store"

interface ConversationRowProps {
  conversation: ConversationView
  active: boolean
  onChoose?: () => void
}

export function ConversationRow({ conversation, active, onChoose }: ConversationRowProps) {
  const { conversation_id, title } = conversation
  const [renaming, setRenaming] = useState(false)
  const [deleting, setDeleting] = useState(false)
  const running = useChat((state) => runningTurn(state, conversation_id) !== null)
  if (renaming) return <RenameField conversation={conversation} onDone={() => setRenaming(false)} />
  return (
    <li className="group relative">
      <Link
        to="/chat/$id"
        params={{ id: conversation_id }}
        onClick={onChoose}
        onDoubleClick={() => setRenaming(true)}
        className={cn(
          "flex h-8 items-center gap-2 rounded pr-8 pl-2 text-fg-2 transition-colors hover:bg-hover hover:text-fg max-lg:h-10",
          active && "bg-hover font-medium text-fg",
        )}
      >
        <span className="truncate">{title}</span>
        {running && (
          <span role="img" aria-label="Answering" className="size-1.5 shrink-0 rounded-full bg-accent" />
        )}
      </Link>
      <Menu>
        <MenuTrigger
          aria-label={`Actions for ${title}`}
          className="absolute inset-y-0 right-0.5 my-auto grid size-7 place-items-center rounded-sm text-fg-3 opacity-0 hover:text-fg focus-visible:opacity-100 group-hover:opacity-100 data-[state=open]:opacity-100 max-lg:opacity-100"
        >
          <Icon of={Ellipsis} size={14} />
        </MenuTrigger>
        <MenuContent align="start">
          <MenuItem icon={Pencil} onSelect={() => setTimeout(() => setRenaming(true))}>
            Rename
          </MenuItem>
          <MenuItem icon={Trash2} danger onSelect={() => setDeleting(true)}>
            Delete
          </MenuItem>
        </MenuContent>
      </Menu>
      {deleting && (
        <DeleteDialog conversation={conversation} active={active} onDone={() => setDeleting(false)} />
      )}
    </li>
  )
}

function RenameField({ conversation, onDone }: { conversation: ConversationView; onDone: () => void }) {
  const { conversation_id, title } = conversation
  const [text, setText] = useState(title)
  const rename = useRename()
  const save = () => {
    const next = text.trim()
    if (next && next !== title) rename.mutate({ conversation_id, title: next })
    onDone()
  }
  return (
    <li>
      <Input
        autoFocus
        aria-label="Name of the conversation"
        value={text}
        maxLength={200}
        onFocus={(event) => event.target.select()}
        onChange={(event) => setText(event.target.value)}
        onBlur={save}
        onKeyDown={(event) => {
          if (event.key === "Enter") save()
          if (event.key === "Escape") onDone()
        }}
        className="px-2"
      />
    </li>
  )
}

interface DeleteDialogProps {
  conversation: ConversationView
  active: boolean
  onDone: () => void
}

function DeleteDialog({ conversation, active, onDone }: DeleteDialogProps) {
  const remove = useDelete()
  const navigate = useNavigate()
  const confirm = async () => {
    await remove.mutateAsync(conversation.conversation_id).catch(() => undefined)
    onDone()
    if (active) await navigate({ to: "/chat" })
  }
  return (
    <ConfirmDialog
      open
      onOpen={(open) => !open && onDone()}
      title="Delete this conversation?"
      words={
        <>
          <span className="font-medium text-fg">{conversation.title}</span> and everything said in it
          disappear from your list. What was done stays in the record that administrators and auditors see.
        </>
      }
      verb="Delete conversation"
      onConfirm={confirm}
    />
  )
}
