import { expect, test } from "vitest"
import { commandLine, empty_draft, pairsOf, ready, serverOf, titleFrom, urlOf, wordsOf } from "./draft"

test("a command is parted as a shell would", () => {
  expect(wordsOf(`npx -y @org/server "my dir" --x='a b'`)).toEqual([
    "npx",
    "-y",
    "@org/server",
    "my dir",
    "--x=a b",
  ])
  expect(wordsOf("  ")).toEqual([])
})

test("headers and variables come one a line, with a colon or an equals sign", () => {
  expect(pairsOf("X-Team: a=b\nTOKEN=abc:def\n\nnonsense")).toEqual([
    { name: "X-Team", value: "a=b" },
    { name: "TOKEN", value: "abc:def" },
  ])
})

test("an http server carries no command, and no bearer that was not given", () => {
  const draft = { ...empty_draft, title: " Wiki ", url: " https://wiki.example.org/mcp ", command: "x" }
  expect(serverOf(draft)).toEqual({
    title: "Wiki",
    transport: "http",
    grant: "admins",
    url: "https://wiki.example.org/mcp",
    headers: [],
  })
})

test("a stdio server carries its command and its variables", () => {
  const draft = { ...empty_draft, transport: "stdio", title: "t", command: "uvx x", pairs: "A=1" } as const
  expect(serverOf(draft)).toEqual({
    title: "t",
    transport: "stdio",
    grant: "admins",
    command: ["uvx", "x"],
    env: [{ name: "A", value: "1" }],
  })
})

test("a draft is ready once it has a title and a way", () => {
  expect(ready(empty_draft)).toBe(false)
  expect(ready({ ...empty_draft, title: "a", url: "https://x" })).toBe(true)
  expect(ready({ ...empty_draft, title: "a", transport: "stdio", url: "https://x" })).toBe(false)
})

test("a title follows from the way", () => {
  expect(titleFrom({ ...empty_draft, url: "https://wiki.example.org:8080/mcp" })).toBe("wiki.example.org")
  expect(titleFrom({ ...empty_draft, transport: "stdio", command: "uvx --from x mcp-server-time" })).toBe(
    "mcp-server-time",
  )
})

test("a command is written so that it is parted the same way again", () => {
  const words = ["python3", "-c", `print("it's")`, "my dir", "", "--x=1"]
  expect(wordsOf(commandLine(words))).toEqual(words)
  expect(commandLine(["uvx", "mcp-server-time"])).toBe("uvx mcp-server-time")
  expect(commandLine(["sh", `say "hi"`, "it's"])).toBe(`sh 'say "hi"' "it's"`)
})

test("an address may be typed without its beginning", () => {
  expect(urlOf(" mcp.example.org/mcp ")).toBe("https://mcp.example.org/mcp")
  expect(urlOf("localhost:3000/mcp")).toBe("http://localhost:3000/mcp")
  expect(urlOf("HTTP://example.org")).toBe("HTTP://example.org")
  expect(
    ready({ ...empty_draft, url: "example.org", title: titleFrom({ ...empty_draft, url: "example.org" }) }),
  ).toBe(true)
})

test("a title is never a program given in quotes", () => {
  const command = `python3 -c "import sys; sys.exit(3)"`
  expect(titleFrom({ ...empty_draft, transport: "stdio", command })).toBe("python3")
})
