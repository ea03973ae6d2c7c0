/** What is shown of each server: the tools, prompts and resources that match, who waits for me first. */
import type { ServerSignIn } from "@/api/sign-ins"
import type { AccessOfPerson } from "@/api/types"
import { plural } from "@/lib/format"
import type { Offered, Offers, OffersOfKind } from "./queries"

export type Server = AccessOfPerson["servers"][number]

export interface Shown {
  server: Server
  tools: Server["tools"]
  kinds: OffersOfKind[]
  signIn: ServerSignIn | undefined
}

export interface Known {
  servers: readonly Server[]
  /** Those that match. */
  offers: Offers | undefined
  signIns: readonly ServerSignIn[]
}

export function shown({ servers, offers, signIns }: Known, q: string): Shown[] {
  return servers
    .filter((server) => server.allowed)
    .map((server) => ({
      server,
      tools: matching(server, q),
      kinds: kindsOf(offers, server),
      signIn: signIns.find((one) => one.server_id === server.server_id),
    }))
    .filter(({ tools, kinds }) => tools.length + kinds.length > 0 || !q.trim())
    .sort((one, other) => Number(asks(other.signIn)) - Number(asks(one.signIn)))
}

export function kindsOf(offers: Offers | undefined, server: Server): OffersOfKind[] {
  return offers?.servers.find((one) => one.server_id === server.server_id)?.kinds ?? []
}

/** "14 tools, 2 more not allowed, 3 prompts, 2,140 resources" */
export function offeredWords(server: Server, kinds: readonly OffersOfKind[]): string {
  const allowed = server.tools.filter((tool) => tool.allowed).length
  const denied = server.tools.length - allowed
  const tools = server.tools.length > 0 || kinds.length === 0 ? [plural(allowed, "tool")] : []
  if (denied > 0) tools.push(`${denied} more not allowed`)
  return [...tools, ...kinds.map(({ kind, total }) => plural(total, words_of[kind]))].join(", ")
}

const words_of: Record<Offered["kind"], string> = {
  prompt: "prompt",
  resource: "resource",
  template: "resource template",
}

/** Whether a server waits for something that only I can do. */
function asks(signIn: ServerSignIn | undefined): boolean {
  return signIn?.may_connect === true && signIn.state !== "connected"
}

/** Every word is part of what a tool or its server is called, as it is where offers are searched. */
function matching(server: Server, q: string): Server["tools"] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean)
  return server.tools.filter((tool) => {
    const text = `${server.slug}\n${server.title}\n${tool.name}\n${tool.title ?? ""}`.toLowerCase()
    return tool.allowed && words.every((word) => text.includes(word))
  })
}
