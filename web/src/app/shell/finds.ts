/** Which servers and tools a search of the palette means. */
import type { AccessOfPerson } from "@/api/types"

type Server = AccessOfPerson["servers"][number]
type Tool = Server["tools"][number]

export interface Finds {
  servers: Server[]
  tools: { server: Server; tool: Tool }[]
}

const shown = 6

/** Servers by title or slug, tools by name or title; every word asked for is part of it. */
export function finds(servers: readonly Server[], query: string): Finds {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.join("").length < 2) return { servers: [], tools: [] }
  const holds = (...names: (string | null)[]) => {
    const text = names.filter(Boolean).join(" ").toLowerCase()
    return words.every((word) => text.includes(word))
  }
  return {
    servers: servers.filter((server) => holds(server.title, server.slug)).slice(0, shown),
    tools: servers
      .flatMap((server) => server.tools.map((tool) => ({ server, tool })))
      .filter(({ server, tool }) => holds(`${server.slug}.${tool.name}`, tool.title))
      .slice(0, shown),
  }
}

/** The beginning of an id, long enough to mean one. */
export function looksLikeId(query: string): boolean {
  return /^[0-9a-f]{6}[0-9a-f-]{0,30}$/.test(query) && /\d/.test(query)
}
