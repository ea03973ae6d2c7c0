/** What ends a session from outside: a block with the admin's words, or the sign-in running out. */
import { create } from "zustand"

interface SessionState {
  /** The words of the block; while set, the whole page is these words. */
  blocked: string | null
  /** Whether this page has seen a signed-in person; only what was there can run out. */
  signed_in: boolean
  expired: boolean
}

export const useSession = create<SessionState>(() => ({ blocked: null, signed_in: false, expired: false }))

export function markBlocked(words: string) {
  useSession.setState({ blocked: words })
}

export function markSignedIn() {
  useSession.setState({ signed_in: true, expired: false })
}

export function markExpired() {
  useSession.setState(({ signed_in }) => ({ expired: signed_in }))
}

export function clearSession() {
  useSession.setState({ blocked: null, signed_in: false, expired: false })
}
