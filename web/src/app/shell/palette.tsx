/** The palette: pages under all their names, actions, and for admins people. */
import { useQuery } from "@tanstack/react-query"
import { useNavigate } from "@tanstack/react-router"
import { Command } from "cmdk"
import { Keyboard, LogOut, Moon, Plus, Search, Sun } from "lucide-react"
import { Dialog as Radix } from "radix-ui"
import { useDeferredValue, useState } from "react"
import { may, useMe } from "@/api/me"
import { userSearchQuery } from "@/api/users"
import { Icon } from "@/ui/icon"
import { Kbd } from "@/ui/kbd"
import { isDark, setTheme } from "@/ui/preferences"
import { Avatar } from "@/ui/user-chip"
import { visibleEntries } from "../nav"
import { navEntries, personPath } from "../nav-entries"
import { aliases } from "./aliases"
import { Flows, type Found, Servers } from "./palette-finds"
import { Group, Item, item_style } from "./palette-item"
import { useSignOut } from "./sign-out"

interface PaletteProps {
  onOpen: (open: boolean) => void
  onShortcuts: () => void
}

export default function Palette({ onOpen, onShortcuts }: PaletteProps) {
  return (
    <Radix.Root open onOpenChange={onOpen}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-fade bg-overlay" />
        <Radix.Content
          aria-describedby={undefined}
          className="-translate-x-1/2 fixed top-[min(14vh,120px)] left-1/2 z-40 w-[calc(100vw-24px)] max-w-xl animate-enter overflow-hidden rounded-lg border bg-raised shadow-float"
        >
          <Radix.Title className="sr-only">Search or jump to</Radix.Title>
          <PaletteBody onDone={() => onOpen(false)} onShortcuts={onShortcuts} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

function PaletteBody({ onDone, onShortcuts }: { onDone: () => void; onShortcuts: () => void }) {
  const [query, setQuery] = useState("")
  const navigate = useNavigate()
  const me = useMe()
  const signOut = useSignOut()
  const dark = isDark()
  const run = (act: () => unknown) => () => {
    onDone()
    void act()
  }
  const go = ({ to, id }: Found) => run(() => navigate({ to, params: { id } }))()
  return (
    <Command label="Search or jump to" loop filter={matches}>
      <div className="flex items-center gap-2.5 border-b px-3.5">
        <Icon of={Search} className="text-fg-3" />
        <Command.Input
          value={query}
          onValueChange={setQuery}
          placeholder="Search or jump to"
          className="h-11 flex-1 bg-transparent text-base outline-none"
        />
        <Kbd keys="Esc" />
      </div>
      <Command.List className="group/list max-h-[min(60vh,420px)] overflow-y-auto p-1.5">
        {/* What is found by asking the server is not counted by the filter, so it is looked for here. */}
        <Command.Empty className="group-has-[[cmdk-item]]/list:hidden px-3 py-8 text-center text-fg-2">
          Nothing is called "{query}".
        </Command.Empty>
        <Group heading="Pages">
          {visibleEntries(navEntries, me).map((entry) => (
            <Item
              key={entry.to}
              icon={entry.icon}
              value={entry.label}
              keywords={aliases[entry.to]}
              onSelect={run(() => navigate({ to: entry.to }))}
            >
              {entry.label}
              <Alias query={query} label={entry.label} names={aliases[entry.to]} />
            </Item>
          ))}
        </Group>
        {may(me, "users.read") && personPath && (
          <People query={query} onChoose={(path) => run(() => navigate({ to: path }))()} />
        )}
        <Servers query={query} onChoose={go} />
        <Flows query={query} onChoose={go} />
        <Group heading="Actions">
          <Item icon={Plus} value="New conversation" onSelect={run(() => navigate({ to: "/chat" }))}>
            New conversation
          </Item>
          <Item
            icon={dark ? Sun : Moon}
            value="Theme light dark appearance"
            onSelect={run(() => setTheme(dark ? "light" : "dark"))}
          >
            {dark ? "Light theme" : "Dark theme"}
          </Item>
          <Item icon={Keyboard} value="Keyboard shortcuts help" onSelect={run(onShortcuts)}>
            Keyboard shortcuts
          </Item>
          <Item icon={LogOut} value="Sign out log out" onSelect={run(signOut)}>
            Sign out
          </Item>
        </Group>
      </Command.List>
    </Command>
  )
}

/** Every word asked for is part of a name: no guessing by scattered letters. */
function matches(value: string, asked: string, keywords: readonly string[] = []): number {
  const names = `${value} ${keywords.join(" ")}`.toLowerCase()
  const words = asked.toLowerCase().split(/\s+/).filter(Boolean)
  if (!words.every((word) => names.includes(word))) return 0
  return value.toLowerCase().startsWith(asked.toLowerCase()) ? 1 : 0.5
}

function People({ query, onChoose }: { query: string; onChoose: (path: string) => void }) {
  const q = useDeferredValue(query.trim())
  const { data } = useQuery({ ...userSearchQuery(q, 6), enabled: q.length > 1 })
  if (q.length < 2 || !data?.items.length) return null
  return (
    <Group heading="People" forceMount>
      {data.items.map((user) => (
        <Command.Item
          key={user.user_id}
          value={`${user.name ?? ""} ${user.email} ${q}`}
          onSelect={() => personPath && onChoose(personPath(user.user_id))}
          className={item_style}
        >
          <Avatar name={user.name || user.email} size="sm" />
          <span className="truncate">{user.name || user.email}</span>
          {user.name && <span className="truncate text-fg-2">{user.email}</span>}
        </Command.Item>
      ))}
    </Group>
  )
}

/** Says under which other name a page was found. */
function Alias({ query, label, names }: { query: string; label: string; names?: readonly string[] }) {
  const q = query.trim().toLowerCase()
  if (!q || label.toLowerCase().includes(q)) return null
  const found = names?.find((alias) => alias.toLowerCase().includes(q))
  return found ? <span className="truncate text-fg-3 text-xs">{found}</span> : null
}
