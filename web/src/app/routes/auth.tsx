/** Routes outside the shell: sign in, and the one-time link. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router"
import { rootRoute } from "./root"

const login = createRoute({
  getParentRoute: () => rootRoute,
  path: "/login",
  validateSearch: (search: Record<string, unknown>): { next?: string } =>
    isOwnPath(search.next) ? { next: search.next } : {},
  component: lazyRouteComponent(() => import("@/features/auth/login-page"), "LoginPage"),
})

const setup = createRoute({
  getParentRoute: () => rootRoute,
  path: "/setup",
  component: lazyRouteComponent(() => import("@/features/auth/setup-page"), "SetupPage"),
})

export const authRoutes = [login, setup] as const

/** Only a path of this origin: a link must not lead elsewhere after sign-in. */
function isOwnPath(next: unknown): next is string {
  return typeof next === "string" && /^\/(?![/\\])/.test(next) && !next.startsWith("/login")
}
