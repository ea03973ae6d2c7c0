import { expect, test } from "vitest"
import { isProgram } from "./program-ids"
import { addressOf, all_servers, findProgram, programs, token_placeholder } from "./programs"

const url = "https://omni2.example.org/mcp"

test("every program is told the address, and the token exactly where one is needed", () => {
  for (const program of programs) {
    for (const way of program.ways) {
      const { code, where, after } = program.setup(way, url, "omni2_secret")
      expect(code).toContain(url)
      expect(code.includes("omni2_secret")).toBe(way === "token")
      expect(where && after).toBeTruthy()
    }
  }
})

test("what is JSON can be pasted as it is", () => {
  for (const program of programs) {
    for (const way of program.ways) {
      const setup = program.setup(way, url, token_placeholder)
      if (setup.language === "json") expect(() => JSON.parse(setup.code)).not.toThrow()
    }
  }
})

test("an unknown program shows the first", () => {
  expect(isProgram("emacs")).toBe(false)
  expect(findProgram(undefined).id).toBe("claude-code")
})

test("one server alone has an address and a name of its own", () => {
  expect(addressOf(url, all_servers)).toBe(url)
  const alone = addressOf(url, "wiki")
  expect(alone).toBe("https://omni2.example.org/mcp/wiki")
  for (const program of programs.filter(({ id }) => ["claude-code", "cursor", "vscode"].includes(id))) {
    expect(program.setup("token", alone, "t").code).toContain("omni2-wiki")
    expect(program.setup("token", url, "t").code).not.toContain("omni2-")
  }
})
