/** Theme and density of this browser, kept across visits and across tabs. */
import { useEffect, useSyncExternalStore } from "react"

export type Theme = "light" | "dark" | "system"
export type Density = "comfortable" | "compact"

const theme_key = "omni2.theme"
const density_key = "omni2.density"
const listeners = new Set<() => void>()

export function usePreferences() {
  const theme = useSyncExternalStore(subscribe, readTheme)
  const density = useSyncExternalStore(subscribe, readDensity)
  useEffect(() => {
    if (theme !== "system") return
    const dark = matchMedia("(prefers-color-scheme: dark)")
    dark.addEventListener("change", apply)
    return () => dark.removeEventListener("change", apply)
  }, [theme])
  return { theme, density }
}

export function setTheme(theme: Theme) {
  write(theme_key, theme)
}

export function setDensity(density: Density) {
  write(density_key, density)
}

/** Whether dark is on right now, whatever the choice was. */
export function isDark(): boolean {
  return document.documentElement.dataset.theme === "dark"
}

function write(key: string, value: string) {
  localStorage.setItem(key, value)
  apply()
  for (const notify of listeners) notify()
}

function apply() {
  const theme = readTheme()
  const dark = theme === "dark" || (theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches)
  document.documentElement.dataset.theme = dark ? "dark" : "light"
  document.documentElement.dataset.density = readDensity()
}

function readTheme(): Theme {
  const kept = localStorage.getItem(theme_key)
  return kept === "light" || kept === "dark" ? kept : "system"
}

function readDensity(): Density {
  return localStorage.getItem(density_key) === "compact" ? "compact" : "comfortable"
}

function subscribe(listener: () => void) {
  const onStorage = () => {
    apply()
    listener()
  }
  listeners.add(listener)
  window.addEventListener("storage", onStorage)
  return () => {
    listeners.delete(listener)
    window.removeEventListener("storage", onStorage)
  }
}
