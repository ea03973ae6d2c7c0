/** The shell: navigation at the left, the line on top, the page in the middle; it holds the chat socket open. */
import { useQueryClient } from "@tanstack/react-query"
import { Outlet } from "@tanstack/react-router"
import { lazy, Suspense, useCallback, useState } from "react"
import { keys } from "@/api/keys"
import { useConnection } from "@/api/socket-connection"
import { connectChat } from "@/features/chat/store"
import { useExports } from "@/features/export/store"
import { useShortcuts } from "@/ui/shortcuts"
import { UnsavedGuard } from "@/ui/unsaved-guard"
import { Navigation, NavigationSheet } from "./navigation"
import { Slots } from "./slots"
import { TopLine } from "./top-line"

const Palette = lazy(() => import("./palette"))
const Exports = lazy(() => import("@/features/export/tray"))
const ShortcutsDialog = lazy(() => import("./shortcuts-dialog"))

const collapsed_key = "omni2.nav"

export function Shell() {
  const queryClient = useQueryClient()
  const connect = useCallback(
    () =>
      connectChat({
        onBack: () => void queryClient.invalidateQueries({ queryKey: keys.conversations.all }),
        onUnsettled: () => void queryClient.invalidateQueries({ queryKey: keys.auth.me }),
      }),
    [queryClient],
  )
  useConnection(connect)
  const [collapsed, setCollapsed] = useState(() => localStorage.getItem(collapsed_key) === "collapsed")
  const [sheet, setSheet] = useState(false)
  const [palette, setPalette] = useState(false)
  const [shortcuts, setShortcuts] = useState(false)
  const exports = useExports((state) => state.items.length > 0)
  const collapse = () => {
    localStorage.setItem(collapsed_key, collapsed ? "open" : "collapsed")
    setCollapsed(!collapsed)
  }
  useShortcuts({
    "Mod+k": () => setPalette(true),
    "?": () => setShortcuts(true),
    "[": collapse,
  })
  return (
    <div className="flex h-dvh overflow-hidden">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded focus:bg-raised focus:px-3 focus:py-2"
      >
        Skip to the page
      </a>
      <Navigation collapsed={collapsed} onCollapse={collapse} />
      <NavigationSheet open={sheet} onOpen={setSheet} />
      <div className="flex min-w-0 flex-1 flex-col">
        <TopLine
          onMenu={() => setSheet(true)}
          onPalette={() => setPalette(true)}
          onShortcuts={() => setShortcuts(true)}
        />
        <main
          id="main"
          data-scroll
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
          tabIndex={0}
          className="min-h-0 flex-1 overflow-y-auto focus-visible:outline-offset-[-2px]"
        >
          <Slots>
            <Outlet />
          </Slots>
        </main>
        <Suspense>{exports && <Exports />}</Suspense>
      </div>
      <UnsavedGuard />
      <Suspense>
        {palette && <Palette onOpen={setPalette} onShortcuts={() => setShortcuts(true)} />}
        {shortcuts && <ShortcutsDialog onOpen={setShortcuts} />}
      </Suspense>
    </div>
  )
}
