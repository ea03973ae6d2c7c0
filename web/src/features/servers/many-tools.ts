/** Long lists of tools cut to what a person reads at once. */
import type { ToolView } from "@/api/shapes"

export const listed_at_once = 50

/** The first tools that match, and how many more there are. */
export function narrowed<T extends Pick<ToolView, "name" | "renamed" | "title" | "description">>(
  tools: readonly T[],
  q: string,
  most = listed_at_once,
): { shown: T[]; left: number } {
  const found = tools.filter((tool) => matches(tool, q))
  return { shown: found.slice(0, most), left: Math.max(0, found.length - most) }
}

export function matches(
  tool: Pick<ToolView, "name" | "renamed" | "title" | "description"> & { shown_description?: string | null },
  q: string,
): boolean {
  const words = `${tool.name} ${tool.renamed ?? ""} ${tool.title ?? ""} ${tool.shown_description ?? tool.description}`
  return words.toLowerCase().includes(q.trim().toLowerCase())
}
