/** The line on top: where I am, search, the state of the connection, credits, and the person's own menu. */
import { useRouterState } from "@tanstack/react-router"
import { Menu as MenuIcon, Search } from "lucide-react"
import { useMe } from "@/api/me"
import { Button, IconButton } from "@/ui/button"
import { Icon } from "@/ui/icon"
import { Kbd } from "@/ui/kbd"
import { useTitle } from "@/ui/title"
import { currentEntry } from "../nav"
import { navEntries } from "../nav-entries"
import { AccountMenu } from "./account-menu"
import { ConnectionDot } from "./connection-dot"
import { Credits } from "./credits"
import { Mark } from "./mark"

interface TopLineProps {
  onMenu: () => void
  onPalette: () => void
  onShortcuts: () => void
}

export function TopLine({ onMenu, onPalette, onShortcuts }: TopLineProps) {
  const pathname = useRouterState({ select: (state) => state.location.pathname })
  const here = currentEntry(navEntries, pathname)
  const me = useMe()
  useTitle(here?.label)
  return (
    <header className="flex h-11 shrink-0 items-center gap-2 border-b bg-surface px-2 sm:px-4">
      <div className="flex min-w-0 flex-1 items-center gap-2">
        <IconButton icon={MenuIcon} label="Open navigation" onClick={onMenu} className="md:hidden" />
        <span className="md:hidden">
          <Mark short />
        </span>
        <span className="truncate font-medium text-sm">{here?.label}</span>
      </div>
      <Button
        variant="secondary"
        onClick={onPalette}
        className="hidden w-80 shrink justify-start bg-bg font-normal text-fg-3 lg:inline-flex"
      >
        <Icon of={Search} size={14} />
        <span className="flex-1 text-left">Search or jump to</span>
        <Kbd keys="Mod+K" />
      </Button>
      <div className="flex flex-1 items-center justify-end gap-2">
        <IconButton
          icon={Search}
          label="Search or jump to"
          shortcut="Mod+K"
          onClick={onPalette}
          className="lg:hidden"
        />
        <Credits me={me} />
        <ConnectionDot />
        <AccountMenu me={me} onShortcuts={onShortcuts} />
      </div>
    </header>
  )
}
