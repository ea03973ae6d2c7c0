/** The navigation: people's part above, the admin's part below; narrow, wide, or a sheet on phones. */
import { Link } from "@tanstack/react-router"
import { PanelLeftClose, PanelLeftOpen } from "lucide-react"
import { useMe } from "@/api/me"
import { IconButton } from "@/ui/button"
import { cn } from "@/ui/cn"
import { Icon } from "@/ui/icon"
import { Sheet } from "@/ui/later"
import { Tooltip } from "@/ui/tooltip"
import { type NavEntry, visibleEntries } from "../nav"
import { navEntries } from "../nav-entries"
import { Mark } from "./mark"

interface NavigationProps {
  collapsed: boolean
  onCollapse: () => void
}

export function Navigation({ collapsed, onCollapse }: NavigationProps) {
  return (
    <nav
      aria-label="Main"
      className={cn(
        "hidden shrink-0 flex-col border-r bg-surface transition-[width] md:flex",
        collapsed ? "w-13" : "w-54",
      )}
    >
      <div className="flex h-11 shrink-0 items-center px-4">
        <Mark short={collapsed} />
      </div>
      <NavigationParts collapsed={collapsed} />
      <div className={cn("flex px-2 py-2", !collapsed && "justify-end")}>
        <IconButton
          icon={collapsed ? PanelLeftOpen : PanelLeftClose}
          label={collapsed ? "Widen navigation" : "Narrow navigation"}
          shortcut="["
          onClick={onCollapse}
          className={cn("text-fg-3", collapsed && "w-9")}
        />
      </div>
    </nav>
  )
}

export function NavigationSheet({ open, onOpen }: { open: boolean; onOpen: (open: boolean) => void }) {
  return (
    <Sheet open={open} onOpen={onOpen} label="Navigation">
      <div className="flex h-11 shrink-0 items-center px-4">
        <Mark />
      </div>
      <NavigationParts onChoose={() => onOpen(false)} />
    </Sheet>
  )
}

function NavigationParts({ collapsed, onChoose }: { collapsed?: boolean; onChoose?: () => void }) {
  const entries = visibleEntries(navEntries, useMe())
  const people = entries.filter((entry) => entry.part === "people")
  const admin = entries.filter((entry) => entry.part === "admin")
  const list = (part: NavEntry[]) => (
    <ul className="flex flex-col gap-px px-2">
      {part.map((entry) => (
        <li key={entry.to}>
          <NavigationLink entry={entry} collapsed={collapsed} onChoose={onChoose} />
        </li>
      ))}
    </ul>
  )
  return (
    <div className="flex flex-1 flex-col gap-4 overflow-y-auto pt-1">
      {list(people)}
      {admin.length > 0 && (
        <div>
          {collapsed ? (
            <hr className="mx-3 mb-3" />
          ) : (
            <p className="px-4 pb-1 font-medium text-2xs text-fg-3">Administration</p>
          )}
          {list(admin)}
        </div>
      )}
    </div>
  )
}

interface NavigationLinkProps {
  entry: NavEntry
  collapsed?: boolean
  onChoose?: () => void
}

function NavigationLink({ entry, collapsed, onChoose }: NavigationLinkProps) {
  const link = (
    <Link
      to={entry.to}
      onClick={onChoose}
      activeOptions={{ exact: entry.exact, includeSearch: false }}
      aria-label={collapsed ? entry.label : undefined}
      className={cn(
        "flex h-8 items-center gap-2.5 rounded px-2.5 text-fg-2 transition-colors hover:bg-hover hover:text-fg max-md:h-10",
        "data-[status=active]:bg-hover data-[status=active]:font-medium data-[status=active]:text-fg",
      )}
    >
      <Icon of={entry.icon} />
      {!collapsed && <span className="truncate">{entry.label}</span>}
    </Link>
  )
  if (!collapsed) return link
  return (
    <Tooltip words={entry.label} side="right">
      {link}
    </Tooltip>
  )
}
