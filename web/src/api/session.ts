/** What ends a session from outside: a block with the admin's words, or the sign-in running out. */
import { create } from "zustand"

interface SessionState {
  /** The words of the block; while set, the whole page is these words. */
  blocked: string | null
  expired: boolean
}

export const useSession = create<SessionState>(() => ({ blocked: null, expired: false }))

export function markBlocked(words: string) {
  useSession.setState({ blocked: words })
}

export function markExpired() {
  useSession.setState({ expired: true })
}

export function clearSession() {
  useSession.setState({ blocked: null, expired: false })
}
