import { expect, test } from "vitest"
import { strengthOf } from "./strength"

test("under 12 characters it counts what is missing", () => {
  expect(strengthOf("elevenchars", [])).toEqual({ level: 0, words: "1 more character" })
  expect(strengthOf("short", []).words).toBe("7 more characters")
})

test("length without variety is not accepted as strength", () => {
  expect(strengthOf("aaaaaaaaaaaaaaaa", []).level).toBe(0)
})

test("a password that holds what others know is fair at best", () => {
  expect(strengthOf("Lovelace-in-the-garden-9", ["Ada Lovelace"]).level).toBe(1)
})

test("a long phrase is strong without any special characters", () => {
  expect(strengthOf("correct horse battery staple", []).level).toBe(3)
  expect(strengthOf("twelvecharsx", []).level).toBe(1)
})
