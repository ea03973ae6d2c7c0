/** One's own lists of people: open one, keep the shown ones under a name, remove one. */
import { useQuery } from "@tanstack/react-query"
import { ListPlus, Trash2, Users } from "lucide-react"
import { type FormEvent, useState } from "react"
import { useDropList, useKeepList, type WatchList, watchListsQuery } from "@/api/monitoring"
import { asProblem, problemWords } from "@/api/problem"
import { plural } from "@/lib/format"
import { Button } from "@/ui/button"
import { Dialog } from "@/ui/dialog"
import { Field } from "@/ui/field"
import { Input } from "@/ui/input"
import { Menu, MenuContent, MenuItem, MenuLabel, MenuSeparator, MenuTrigger } from "@/ui/menu"

interface WatchListsMenuProps {
  ids: readonly string[]
  onChoose: (user_ids: readonly string[]) => void
}

export function WatchListsMenu({ ids, onChoose }: WatchListsMenuProps) {
  const lists = useQuery(watchListsQuery).data?.items ?? []
  const drop = useDropList()
  const [naming, setNaming] = useState(false)
  const same = lists.find((list) => sameUsers(list, ids))
  return (
    <>
      <Menu>
        <MenuTrigger asChild>
          <Button icon={Users}>{same ? same.name : "Lists"}</Button>
        </MenuTrigger>
        <MenuContent align="start" className="w-64">
          <MenuLabel>Your lists</MenuLabel>
          {lists.length === 0 && <p className="px-2 pb-1.5 text-fg-3 text-xs">None is kept yet.</p>}
          {lists.map((list) => (
            <MenuItem key={list.list_id} icon={Users} onSelect={() => onChoose(list.user_ids)}>
              <span className="flex min-w-0 flex-1 justify-between gap-2">
                <span className="truncate">{list.name}</span>
                <span className="shrink-0 text-fg-3">{plural(list.user_ids.length, "person", "people")}</span>
              </span>
            </MenuItem>
          ))}
          <MenuSeparator />
          {ids.length > 0 && !same && (
            <MenuItem icon={ListPlus} onSelect={() => setNaming(true)}>
              Keep these {ids.length} as a list
            </MenuItem>
          )}
          {same && (
            <MenuItem icon={Trash2} danger onSelect={() => drop.mutate(same.list_id)}>
              Remove the list "{same.name}"
            </MenuItem>
          )}
        </MenuContent>
      </Menu>
      {naming && <NameDialog ids={ids} onClose={() => setNaming(false)} />}
    </>
  )
}

function sameUsers(list: WatchList, ids: readonly string[]): boolean {
  return list.user_ids.length === ids.length && list.user_ids.every((user_id) => ids.includes(user_id))
}

function NameDialog({ ids, onClose }: { ids: readonly string[]; onClose: () => void }) {
  const [name, setName] = useState("")
  const keep = useKeepList()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    keep.mutate({ name: name.trim(), user_ids: [...ids] }, { onSuccess: onClose })
  }
  return (
    <Dialog
      open
      onOpen={onClose}
      title={`Keep ${plural(ids.length, "person", "people")} as a list`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            form="watch-list"
            variant="primary"
            busy={keep.isPending}
            disabled={!name.trim()}
          >
            Keep list
          </Button>
        </>
      }
    >
      <form id="watch-list" onSubmit={submit}>
        <Field
          label="Name"
          help="Only you see it. A list of the same name is replaced."
          error={keep.error ? problemWords(asProblem(keep.error)) : undefined}
        >
          <Input required maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
      </form>
    </Dialog>
  )
}
