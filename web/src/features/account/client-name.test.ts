import { expect, test } from "vitest"
import { clientName } from "./client-name"

test("browsers are named as people name them, the most particular first", () => {
  const chromium =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"
  expect(clientName(chromium)).toBe("Chrome on Linux")
  expect(clientName(`${chromium} Edg/142.0`)).toBe("Edge on Linux")
  expect(clientName("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1")).toBe(
    "Safari on iOS",
  )
})

test("what is no browser keeps its own words, shortened", () => {
  expect(clientName("curl/8.14.1")).toBe("curl/8.14.1")
  expect(clientName("x".repeat(200))).toHaveLength(60)
  expect(clientName(null)).toBe("Unknown client")
})
