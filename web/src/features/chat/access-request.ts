/** The words of a request for access, made from a refusal. */

export interface Refusal {
  /** What was refused and why, as the person was told. */
  what: string
  rule: string | null
  flow_id: string
}

export function requestOf({ what, rule, flow_id }: Refusal, origin: string) {
  const why = rule && !what.includes(rule) ? ` (rule "${rule}")` : ""
  const told = `${what.trim().replace(/[.]+$/, "")}${why}.`
  return {
    subject: "Access in omni2",
    words: `I was refused in omni2: ${told}\nI need it for:\n\n${origin}/admin/flows/${flow_id}`,
  }
}
