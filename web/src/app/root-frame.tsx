/** What lies around every page: the words of a block take the whole page, an ended session leads to sign-in. */
import { Navigate, Outlet, useRouterState } from "@tanstack/react-router"
import { useSession } from "@/api/session"
import { BlockedPage } from "@/features/auth/blocked-page"
import { usePreferences } from "@/ui/preferences"

export function RootFrame() {
  usePreferences()
  const { blocked, expired } = useSession()
  const location = useRouterState({ select: (state) => state.location })
  if (blocked !== null) return <BlockedPage words={blocked} />
  const outside = location.pathname === "/login" || location.pathname === "/setup"
  if (expired && !outside) return <Navigate to="/login" search={{ next: location.href }} replace />
  return <Outlet />
}
