import { expect, test } from "vitest"
import { around, local, spanOf, spanWords, withSpan } from "./query-span"

const now = new Date("2026-11-23T16:00")
const words = (since?: string, until?: string) =>
  spanWords({ ...(since ? { since } : {}), ...(until ? { until } : {}) }, now)

test("a span of a query is told in words", () => {
  expect(words()).toBe("Any time")
  expect(words("1h")).toBe("Last hour")
  expect(words("today")).toBe("Today")
  expect(words("3d")).toBe("Since 3d")
  expect(words("2026-11-23T13:57", "2026-11-23T14:07")).toBe("Around today 14:02")
  expect(words("2026-11-23T09:00", "2026-11-23T11:30")).toBe("Today 09:00 to 11:30")
  expect(words("2026-11-22", "2026-11-23T11:30")).toBe("Yesterday 00:00 to today 11:30")
  expect(words(undefined, "2026-11-23T11:30")).toBe("Before today 11:30")
  expect(words("2026-11-23T09:00")).toBe("Since today 09:00")
})

test("around a moment is five minutes to either side, by the reader's clock, and leaves the rest of the query", () => {
  const span = around(new Date("2026-11-23T14:02"))
  expect(span).toEqual({ since: "2026-11-23T13:57", until: "2026-11-23T14:07" })
  expect(local(Date.parse("2026-11-23T14:02"))).toBe("2026-11-23T14:02")
  const q = withSpan("status:denied since:7d invoice", span)
  expect(q).toBe("status:denied since:2026-11-23T13:57 until:2026-11-23T14:07 invoice")
  expect(spanOf(q)).toEqual(span)
  expect(withSpan(q, {})).toBe("status:denied invoice")
})
