/** Choosing a person by name or e-mail: recent people first, partial match, keyboard; it fetches nothing itself. */
import { ChevronsUpDown, X } from "lucide-react"
import { type KeyboardEvent, useId, useState } from "react"
import { cn } from "./cn"
import { useFieldControl } from "./field"
import { Icon } from "./icon"
import { controlStyle, SearchInput } from "./input"
import { menuItemStyle } from "./menu"
import { Popover, PopoverContent, PopoverTrigger } from "./overlay"
import { Skeleton } from "./states"
import { Avatar, type Person } from "./user-chip"

interface UserPickerProps {
  query: string
  onQuery: (query: string) => void
  people: readonly Person[] | undefined
  busy: boolean
  value: Person | null
  onValue: (person: Person | null) => void
  /** Shown while nobody is chosen, and the name of the control. */
  label: string
  className?: string
}

export function UserPicker(props: UserPickerProps) {
  const { value, onValue, label, className } = props
  const [open, setOpen] = useState(false)
  const choose = (person: Person) => {
    onValue(person)
    setOpen(false)
    props.onQuery("")
  }
  const shown = value ? value.name || value.email : label
  return (
    <div className={cn("relative inline-flex min-w-0", className)}>
      <Popover open={open} onOpenChange={setOpen}>
        <PopoverTrigger
          {...useFieldControl()}
          className={cn(controlStyle, "flex h-8 items-center gap-2 text-left", value && "pr-8")}
        >
          {value && <Avatar name={shown} size="sm" />}
          <span className={cn("min-w-0 flex-1 truncate", !value && "text-fg-2")}>
            {value && <span className="sr-only">{label}: </span>}
            {shown}
          </span>
          {!value && <Icon of={ChevronsUpDown} size={14} className="text-fg-3" />}
        </PopoverTrigger>
        <PopoverContent align="start" className="w-72 p-1.5">
          <People {...props} onChoose={choose} />
        </PopoverContent>
      </Popover>
      {value && (
        <button
          type="button"
          aria-label={`Clear ${label.toLowerCase()}`}
          onClick={() => onValue(null)}
          className="absolute inset-y-0 right-0 grid w-8 place-items-center rounded text-fg-3 hover:text-fg"
        >
          <Icon of={X} size={14} />
        </button>
      )}
    </div>
  )
}

interface PeopleProps extends UserPickerProps {
  onChoose: (person: Person) => void
}

function People({ query, onQuery, people, busy, onChoose }: PeopleProps) {
  const list_id = useId()
  const [at, setAt] = useState(0)
  const found = people ?? []
  const current = Math.min(at, Math.max(0, found.length - 1))
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0
    if (step !== 0) {
      event.preventDefault()
      setAt(Math.min(Math.max(current + step, 0), found.length - 1))
    }
    const person = found[current]
    if (event.key === "Enter" && person) {
      event.preventDefault()
      onChoose(person)
    }
  }
  return (
    <div>
      <SearchInput
        value={query}
        onValue={(next) => {
          onQuery(next)
          setAt(0)
        }}
        label="Name or e-mail"
        onKeyDown={onKeyDown}
        role="combobox"
        aria-expanded
        aria-controls={list_id}
        aria-activedescendant={found[current] ? `${list_id}-${current}` : undefined}
        autoComplete="off"
      />
      <div id={list_id} role="listbox" aria-label="People" className="mt-1 max-h-72 overflow-y-auto">
        {busy && <Skeleton className="m-1 h-6" />}
        {!busy && found.length === 0 && (
          <p className="px-2 py-3 text-center text-fg-2 text-xs">Nobody is called "{query}".</p>
        )}
        {found.map((person, i) => (
          <div
            key={person.user_id}
            id={`${list_id}-${i}`}
            role="option"
            tabIndex={-1}
            aria-selected={i === current}
            onPointerMove={() => setAt(i)}
            onClick={() => onChoose(person)}
            onKeyDown={onKeyDown}
            className={cn(menuItemStyle, "cursor-pointer", i === current && "bg-hover")}
          >
            <Avatar name={person.name || person.email} size="sm" />
            <span className="truncate">{person.name || person.email}</span>
            {person.name && <span className="truncate text-fg-2 text-xs">{person.email}</span>}
          </div>
        ))}
      </div>
    </div>
  )
}
