/** How things stood at a moment, read from the checkpoints alone: credits, tools allowed, block, what went on. */
import type { Checkpoint } from "@/api/shapes"

export interface Standing {
  /** What was left in the tightest budget (micro-USD), and its limit where a check told it. */
  remaining_micros: number | null
  limit_micros: number | null
  reserved_micros: number
  /** The access that held. */
  access_id: string | null
  servers: { allowed: number; total: number } | null
  tools: { offered: number; removed: number } | null
  /** Null until a check said something. */
  block: { blocked: boolean; by: string | null; message: string | null } | null
  input_tokens: number
  output_tokens: number
  cost_micros: number
  tool_calls: number
}

const unknown: Standing = {
  remaining_micros: null,
  limit_micros: null,
  reserved_micros: 0,
  access_id: null,
  servers: null,
  tools: null,
  block: null,
  input_tokens: 0,
  output_tokens: 0,
  cost_micros: 0,
  tool_calls: 0,
}

/** Checkpoints of one person in the order in which they happened. */
export function standingAfter(checkpoints: readonly Checkpoint[]): Standing {
  return checkpoints.reduce(told, unknown)
}

function told(before: Standing, { data, verdict }: Checkpoint): Standing {
  switch (data.kind) {
    case "block_check":
      return { ...before, block: { blocked: verdict === "denied", by: data.by, message: data.message } }
    case "blocked":
      return { ...before, block: { blocked: true, by: data.by, message: data.message } }
    case "mcp_access_check":
      return {
        ...before,
        access_id: data.access_id,
        servers: { allowed: data.servers_allowed, total: data.servers_total },
      }
    case "tool_filter":
      return {
        ...before,
        access_id: data.access_id,
        tools: { offered: data.offered, removed: data.removed },
      }
    case "usage_check": {
      const [tightest] = data.budgets.toSorted((a, b) => a.remaining_micros - b.remaining_micros)
      return {
        ...before,
        remaining_micros: tightest?.remaining_micros ?? null,
        limit_micros: tightest?.limit_micros ?? null,
        reserved_micros: data.reserved_micros,
      }
    }
    case "llm_complete":
      return {
        ...before,
        input_tokens: before.input_tokens + data.input_tokens,
        output_tokens: before.output_tokens + data.output_tokens,
        cost_micros: before.cost_micros + (data.cost_micros ?? 0),
      }
    case "tool_call":
      return verdict === "denied" ? before : { ...before, tool_calls: before.tool_calls + 1 }
    case "usage_settled":
      return { ...before, remaining_micros: data.remaining_micros, reserved_micros: 0 }
    default:
      return before
  }
}
