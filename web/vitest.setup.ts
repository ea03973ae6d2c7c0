import { afterEach, vi } from "vitest"

/** A test's globals end with it: the next file of the worker is loaded before its own first test puts any back. */
afterEach(() => {
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
})
