import { expect, test } from "vitest"
import { bytes, compact, credits, initials, plural, shortId, usd } from "./format"

test("credits have one decimal and groups", () => {
  expect(credits(411_600)).toBe("411.6")
  expect(credits(1_234_500_000)).toBe("1,234,500.0")
})

test("a small cost is never shown as nothing", () => {
  expect(usd(2_100)).toBe("0.0021 USD")
  expect(usd(1)).toBe("0.000001 USD")
  expect(usd(0)).toBe("0.00 USD")
  expect(usd(12_340_000)).toBe("12.34 USD")
  expect(usd(123_456_789_000)).toBe("123,456.79 USD")
  expect(usd(10_000)).toBe("0.01 USD")
})

test("ids are shortened in the middle and short ones are left alone", () => {
  expect(shortId("019aa3c2-7d11-7000-8000-00000000f821")).toBe("019aa3\u2026f821")
  expect(shortId("short")).toBe("short")
})

test("initials come from the name, else from the e-mail's local part", () => {
  expect(initials("Ada King Lovelace")).toBe("AL")
  expect(initials("bob@example.org")).toBe("B")
  expect(initials("")).toBe("?")
})

test("words agree with their number", () => {
  expect(plural(1, "tool")).toBe("1 tool")
  expect(plural(0, "reply", "replies")).toBe("0 replies")
  expect(bytes(1_234)).toBe("1.2 kB")
  expect(bytes(999_960)).toBe("1.0 MB")
  expect(bytes(2_500_000_000)).toBe("2.5 GB")
  expect(compact(12_400)).toBe("12.4k")
  expect(compact(3_100_000)).toBe("3.1M")
})
