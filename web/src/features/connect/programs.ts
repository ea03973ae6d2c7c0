/** How each program is connected: what to paste where, by signing in or with an access token. */
import type { ProgramId } from "./program-ids"

export type Way = "sign-in" | "token"

export interface Setup {
  /** Where it goes, in words. */
  where: string
  language: "sh" | "json" | "python" | "typescript"
  code: string
  /** What to do afterwards. */
  after: string
}

export interface Program {
  id: ProgramId
  label: string
  ways: readonly Way[]
  setup: (way: Way, url: string, token: string) => Setup
}

/** Stands for every server that one may use; no slug is like it. */
export const all_servers = "*"

/** The endpoint for all servers, or for one alone. */
export function addressOf(url: string, server: string): string {
  return server === all_servers ? url : `${url}/${server}`
}

/** Stands where the token goes until one is made. */
export const token_placeholder = "YOUR_TOKEN"

export function findProgram(id: ProgramId | undefined): Program {
  return programs.find((program) => program.id === id) ?? (programs[0] as Program)
}

export const programs: readonly Program[] = [
  { id: "claude-code", label: "Claude Code", ways: ["sign-in", "token"], setup: claudeCode },
  { id: "claude-desktop", label: "Claude Desktop", ways: ["token", "sign-in"], setup: claudeDesktop },
  { id: "cursor", label: "Cursor", ways: ["token", "sign-in"], setup: cursor },
  { id: "vscode", label: "VS Code", ways: ["sign-in", "token"], setup: vscode },
  { id: "inspector", label: "Inspector", ways: ["token"], setup: inspector },
  { id: "python", label: "Python", ways: ["token"], setup: python },
  { id: "typescript", label: "TypeScript", ways: ["token"], setup: typescript },
]

/** What a program calls it; one server alone has a name of its own beside all together. */
function nameOf(url: string): string {
  const slug = /\/mcp\/([^/]+)$/.exec(url)?.[1]
  return slug ? `omni2-${slug}` : "omni2"
}

function claudeCode(way: Way, url: string, token: string): Setup {
  const where = "Run in a terminal."
  const name = nameOf(url)
  const add = `claude mcp add --transport http ${name} ${url}`
  return way === "sign-in"
    ? { where, language: "sh", code: add, after: `In Claude Code run /mcp, choose ${name} and sign in.` }
    : {
        where,
        language: "sh",
        code: `${add} \\\n  --header "Authorization: Bearer ${token}"`,
        after: `In Claude Code run /mcp to see that ${name} is connected.`,
      }
}

function claudeDesktop(way: Way, url: string, token: string): Setup {
  if (way === "sign-in") {
    return {
      where: "In Settings, Connectors, choose Add custom connector and paste this address.",
      language: "sh",
      code: url,
      after: "Claude calls from the internet: the address must be reachable from there, over https.",
    }
  }
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the program puts its own environment there
  const args = ["-y", "mcp-remote", url, "--header", "Authorization:${OMNI2_AUTH}"]
  const server = { command: "npx", args, env: { OMNI2_AUTH: `Bearer ${token}` } }
  return {
    where: "In Settings, Developer, Edit config: put this into claude_desktop_config.json.",
    language: "json",
    code: json({ mcpServers: { [nameOf(url)]: server } }),
    after: "Quit Claude Desktop and start it again. It needs Node.js for npx.",
  }
}

function cursor(way: Way, url: string, token: string): Setup {
  const server = way === "sign-in" ? { url } : { url, headers: { Authorization: `Bearer ${token}` } }
  return {
    where: "Put this into ~/.cursor/mcp.json, or into .cursor/mcp.json of a project.",
    language: "json",
    code: json({ mcpServers: { [nameOf(url)]: server } }),
    after:
      way === "sign-in"
        ? `In Settings, MCP, choose Needs login beside ${nameOf(url)}.`
        : `In Settings, MCP, ${nameOf(url)} shows its tools.`,
  }
}

function vscode(way: Way, url: string, token: string): Setup {
  const server = { type: "http", url }
  const headers = { Authorization: `Bearer ${token}` }
  return {
    where: "Put this into .vscode/mcp.json, or run MCP: Open User Configuration.",
    language: "json",
    code: json({ servers: { [nameOf(url)]: way === "sign-in" ? server : { ...server, headers } } }),
    after:
      way === "sign-in"
        ? "Choose Start above the entry; VS Code opens this site to sign you in."
        : "Choose Start above the entry.",
  }
}

function inspector(_way: Way, url: string, token: string): Setup {
  return {
    where: "Run in a terminal, with Node.js 22 or newer.",
    language: "sh",
    code: [
      "npx @modelcontextprotocol/inspector --cli \\",
      `  ${url} --transport http --method tools/list \\`,
      `  --header "Authorization: Bearer ${token}"`,
    ].join("\n"),
    after: "It prints the tools that you may use. Without --cli it opens its own page.",
  }
}

function python(_way: Way, url: string, token: string): Setup {
  return {
    where: "pip install mcp",
    language: "python",
    code: `import asyncio

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

URL = "${url}"
HEADERS = {"Authorization": "Bearer ${token}"}


async def main() -> None:
    async with httpx2.AsyncClient(headers=HEADERS) as http:
        async with Client(streamable_http_client(URL, http_client=http)) as omni2:
            for tool in (await omni2.list_tools()).tools:
                print(tool.name)


asyncio.run(main())`,
    after: "It prints the tools that you may use.",
  }
}

function typescript(_way: Way, url: string, token: string): Setup {
  return {
    where: "npm install @modelcontextprotocol/sdk",
    language: "typescript",
    code: `import { Client } from "@modelcontextprotocol/sdk/client/index.js"
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js"

const transport = new StreamableHTTPClientTransport(new URL("${url}"), {
  requestInit: { headers: { Authorization: "Bearer ${token}" } },
})
const omni2 = new Client({ name: "my-program", version: "1.0.0" })
await omni2.connect(transport)
for (const tool of (await omni2.listTools()).tools) console.log(tool.name)
await omni2.close()`,
    after: "It prints the tools that you may use.",
  }
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2)
}
