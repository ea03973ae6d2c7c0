import { expect, test } from "vitest"
import { microsOf, priceWords } from "./providers"

const price = {
  input_micros_per_mtok: 250_000,
  output_micros_per_mtok: 2_000_000,
  per_message_micros: 0,
  source: "list",
} as const

test("a price says what a million tokens cost", () => {
  expect(priceWords(price)).toBe("0.25 USD in, 2.00 USD out a million tokens")
})

test("a price by message says so", () => {
  const demo = { ...price, input_micros_per_mtok: 0, output_micros_per_mtok: 0, per_message_micros: 1000 }
  expect(priceWords(demo)).toBe("0.001 USD a message")
})

test("no price is unpriced and never free; a price of nothing is free", () => {
  expect(priceWords(null)).toBe("Unpriced")
  expect(priceWords({ ...price, source: "unpriced" })).toBe("Unpriced")
  expect(priceWords({ ...price, input_micros_per_mtok: 0, output_micros_per_mtok: 0, source: "set" })).toBe(
    "Free",
  )
})

test("an amount in USD becomes micro-USD, and what is no amount nothing", () => {
  expect([microsOf("0.25"), microsOf("0"), microsOf(""), microsOf("-1"), microsOf("x")]).toEqual([
    250_000,
    0,
    null,
    null,
    null,
  ])
})
