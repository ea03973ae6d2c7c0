/** Arguments in one line, for a folded call: `order_id: 1042, note: "late"`. */

const longest_chars = 160

export function argumentsLine(given: Record<string, unknown>): string {
  const line = Object.entries(given)
    .map(([name, value]) => `${name}: ${short(value)}`)
    .join(", ")
  return line.length > longest_chars ? `${line.slice(0, longest_chars)}\u2026` : line
}

function short(value: unknown): string {
  if (Array.isArray(value)) return `[${value.length}]`
  if (typeof value === "object" && value !== null) return "{\u2026}"
  return typeof value === "string" ? JSON.stringify(value) : String(value)
}
