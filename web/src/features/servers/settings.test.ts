import { expect, test } from "vitest"
import type { ServerView } from "@/api/shapes"
import { patchOf, settingsOf, wrongIn } from "./settings"

const server = {
  title: "Wiki",
  transport: "http",
  url: "https://wiki.example.org/mcp",
  command: null,
  allow_private: false,
  isolation: "shared",
  new_tools: "allow",
  timeout_ms: 30_000,
  concurrency: 16,
} as ServerView
const program = {
  ...server,
  transport: "stdio",
  url: null,
  command: ["python3", "-c", "print('a b')"],
} as ServerView

test("what was not touched is not sent", () => {
  expect(patchOf(server, settingsOf(server))).toEqual({})
  expect(patchOf(program, settingsOf(program))).toEqual({})
})

test("a command keeps the words that hold spaces when another one is changed", () => {
  const draft = settingsOf(program)
  expect(patchOf(program, { ...draft, way: `${draft.way} --fast` })).toEqual({
    command: ["python3", "-c", "print('a b')", "--fast"],
  })
})

test("headers, the environment and private addresses can be changed afterwards", () => {
  const headers = patchOf(server, { ...settingsOf(server), pairs: "X-Key: 1", allow_private: true })
  expect(headers).toEqual({ headers: [{ name: "X-Key", value: "1" }], allow_private: true })
  expect(patchOf(program, { ...settingsOf(program), pairs: "A=1" })).toEqual({
    env: [{ name: "A", value: "1" }],
  })
})

test("figures that cannot be meant are said at their field", () => {
  const draft = settingsOf(server)
  expect(wrongIn(draft)).toEqual({})
  for (const timeout_s of ["abc", "", "0", "601"])
    expect(wrongIn({ ...draft, timeout_s }).timeout_s).toMatch(/0.1 to 600/)
  for (const concurrency of ["0", "1.5", "x"])
    expect(wrongIn({ ...draft, concurrency }).concurrency).toBeDefined()
})
