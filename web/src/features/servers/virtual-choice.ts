/** The tools of a virtual server as they are picked, and which of them would go by one name. */
import type { ToolView, VirtualCreate, VirtualView } from "@/api/shapes"

export interface Picked {
  server_id: string
  server: string
  tool: string
  /** The bare name that it goes by. */
  name: string
}

export interface VirtualDraft {
  title: string
  description: string
  picked: readonly Picked[]
}

export function draftOf(server: VirtualView | null): VirtualDraft {
  if (!server) return { title: "", description: "", picked: [] }
  const picked = server.tools.map(({ server_id, server: slug, tool, name }) => ({
    server_id,
    server: slug,
    tool,
    name,
  }))
  return { title: server.title, description: server.description, picked }
}

export const keyOf = (picked: { server_id: string; tool: string }) => `${picked.server_id} ${picked.tool}`

/** Adds a tool, or takes it away; one whose name is taken is called after its server too. */
export function toggled(
  picked: readonly Picked[],
  server: { server_id: string; slug: string },
  tool: ToolView,
): Picked[] {
  const key = keyOf({ server_id: server.server_id, tool: tool.name })
  if (picked.some((one) => keyOf(one) === key)) return picked.filter((one) => keyOf(one) !== key)
  const taken = new Set(picked.map((one) => one.name))
  const name = taken.has(tool.bare) ? `${server.slug}_${tool.bare}`.slice(0, 64) : tool.bare
  return [...picked, { server_id: server.server_id, server: server.slug, tool: tool.name, name }]
}

/** The names that more than one tool would go by. */
export function collisions(picked: readonly Picked[]): Set<string> {
  const seen = new Set<string>()
  const twice = new Set<string>()
  for (const { name } of picked) {
    if (seen.has(name)) twice.add(name)
    seen.add(name)
  }
  return twice
}

export function isPlain(name: string): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(name)
}

export function isReady({ title, picked }: VirtualDraft): boolean {
  return title.trim() !== "" && collisions(picked).size === 0 && picked.every(({ name }) => isPlain(name))
}

export function bodyOf({ title, description, picked }: VirtualDraft): VirtualCreate {
  return {
    title: title.trim(),
    description: description.trim(),
    tools: picked.map(({ server_id, tool, name }) => ({ server_id, tool, name })),
  }
}
