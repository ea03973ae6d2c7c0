/** What came of a flow as its reader is told, and what refused it. */
import type { Checkpoint, FlowRow } from "@/api/shapes"

/** Where it is decided whether it is refused again: what a person may use, their credits, their blocks. */
export type Refusal = "access" | "budget" | "blocks"

/** The chip before it already says that it was denied or failed; to others the words of a refusal name the person. */
export function outcomeWords({ sentence, user_name }: FlowRow, own: boolean): string {
  const words = sentence.replace(/^(Denied|Failed): /, "")
  const told = own
    ? words
    : words
        .replace(/^You may not /, () => `${user_name} may not `)
        .replace(/ (Ask an administrator for access|An administrator can raise the limit)\.$/, "")
  const names_a_tool = /^\S+\.\S/.test(told)
  return names_a_tool ? told : told.charAt(0).toUpperCase() + told.slice(1)
}

/** The first step that refused decides; a block ends whatever runs. */
export function refusalIn(checkpoints: readonly Checkpoint[] | undefined): Refusal | null {
  for (const { data, verdict } of checkpoints ?? []) {
    if (data.kind === "blocked") return "blocks"
    if (verdict !== "denied") continue
    if (data.kind === "block_check") return "blocks"
    if (data.kind === "usage_check") return "budget"
    if (data.kind === "tool_call" || data.kind === "mcp_access_check" || data.kind === "tool_filter")
      return "access"
  }
  return null
}
