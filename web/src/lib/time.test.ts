import { describe, expect, test } from "vitest"
import { duration, exactUtc, momentWords, relativeTime } from "./time"

const now = new Date(2026, 10, 22, 14, 5, 0)
const ago = (ms: number) => new Date(now.getTime() - ms)

describe("relative time", () => {
  test("a moment ago is just now, whichever side of now it is on", () => {
    expect(relativeTime(ago(3_000), now)).toBe("just now")
    expect(relativeTime(ago(-3_000), now)).toBe("just now")
  })
  test("minutes and hours are counted, past and to come", () => {
    expect(relativeTime(ago(180_000), now)).toBe("3 min ago")
    expect(relativeTime(ago(-2 * 3_600_000), now)).toBe("in 2 h")
  })
  test("the day ago is yesterday with its clock, also when less than 24 hours ago", () => {
    expect(relativeTime(new Date(2026, 10, 21, 22, 30), now)).toBe("yesterday 22:30")
  })
  test("older times are dates, with the year only when it differs", () => {
    expect(relativeTime(new Date(2026, 9, 3, 8, 0), now)).toBe("3 Oct")
    expect(relativeTime(new Date(2025, 9, 3, 8, 0), now)).toBe("3 Oct 2025")
  })
})

test("the exact time is UTC to the millisecond", () => {
  expect(exactUtc(new Date("2026-11-22T14:05:09.120Z"))).toBe("2026-11-22 14:05:09.120 UTC")
})

test.each([
  [0.2, "<1 ms"],
  [84, "84 ms"],
  [2_400, "2.4 s"],
  [59_960, "1 min"],
  [192_000, "3 min 12 s"],
  [7_500_000, "2 h 5 min"],
])("%d ms reads %s", (ms, words) => {
  expect(duration(ms)).toBe(words)
})

test("a moment that stays where it is says its day and its clock", () => {
  expect(momentWords(new Date(2026, 10, 22), now)).toBe("today 00:00")
  expect(momentWords(new Date(2026, 10, 21, 23, 30), now)).toBe("yesterday 23:30")
  expect(momentWords(new Date(2026, 2, 3, 8, 5), now)).toBe("3 Mar 08:05")
})
