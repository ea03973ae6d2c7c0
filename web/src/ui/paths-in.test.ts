import { expect, test } from "vitest"
import { pathsIn } from "./paths-in"

const origin = "https://omni2.example.org"

test("an address of this site is a path, without the stop of its sentence", () => {
  const words = `Connect your account at ${origin}/tools?connect=vault. Then ask.`
  expect(pathsIn(words, origin)).toEqual([
    { at: 0, text: "Connect your account at ", path: null },
    { at: 24, text: `${origin}/tools?connect=vault`, path: "/tools?connect=vault" },
    { at: 69, text: ". Then ask.", path: null },
  ])
})

test("addresses of other sites stay words, also where they begin alike", () => {
  const words = `See ${origin}.evil.test/x and https://other.test/`
  expect(pathsIn(words, origin)).toEqual([{ at: 0, text: words, path: null }])
})
