/** What a feature's route module tells the shell about its pages. */
import type { Me, Permission } from "@/api/types"
import type { LucideIcon } from "@/ui/icon"

export interface NavEntry {
  /** A path of the router; checked there when it is rendered as a link. */
  to: NavPath
  label: string
  icon: LucideIcon
  part: "people" | "admin"
  /** Smaller is higher. */
  order: number
  /** Active on its own path only, not on those beneath it. */
  exact?: boolean
  permission?: Permission
  /** Pages that belong to it and have their own path beside it. */
  also?: readonly string[]
}

/** Paths that the navigation may lead to; a feature that adds a page adds its path here. */
export type NavPath =
  | "/chat"
  | "/tools"
  | "/usage"
  | "/connect"
  | "/account"
  | "/admin"
  | "/admin/live"
  | "/admin/flows"
  | "/admin/compare"
  | "/admin/conversations"
  | "/admin/people"
  | "/admin/servers"
  | "/admin/models"
  | "/admin/audit"

export function visibleEntries(entries: readonly NavEntry[], me: Me): NavEntry[] {
  return entries
    .filter((entry) => !entry.permission || me.permissions.includes(entry.permission))
    .toSorted((a, b) => a.order - b.order)
}

/** The entry whose page this is: the one with the longest path that leads here. */
export function currentEntry(entries: readonly NavEntry[], pathname: string): NavEntry | undefined {
  return entries
    .filter((entry) => [entry.to, ...(entry.also ?? [])].some((path) => isAt(pathname, path)))
    .toSorted((a, b) => b.to.length - a.to.length)[0]
}

function isAt(pathname: string, path: string): boolean {
  return pathname === path || pathname.startsWith(`${path}/`)
}
