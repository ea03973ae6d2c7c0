/** Tool patterns: read from a text, and a grant in words. */
import type { GrantView } from "@/api/shapes"

/** One pattern a word; commas and line breaks part them too, and none is kept twice. */
export function patternsOf(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter(Boolean))]
}

export function subjectWords(grant: Pick<GrantView, "subject" | "role" | "user_email">): string {
  if (grant.subject === "everyone") return "Everyone"
  if (grant.subject === "role") return `Role ${grant.role}`
  return grant.user_email ?? "A deleted user"
}

/** "Role member may use get_* and list_* of shop, but never delete_*." */
export function grantSentence(
  grant: Pick<GrantView, "subject" | "role" | "user_email" | "server" | "allow" | "deny">,
) {
  const who = subjectWords(grant)
  const where = grant.server === "*" ? "every server" : grant.server
  const denied = listed(grant.deny)
  if (grant.allow.length === 0)
    return grant.deny.length === 0
      ? `${who} gets nothing from this grant.`
      : `${who} may not use ${denied} of ${where}.`
  const what = grant.allow.includes("*") ? `all tools of ${where}` : `${listed(grant.allow)} of ${where}`
  return grant.deny.length === 0 ? `${who} may use ${what}.` : `${who} may use ${what}, but never ${denied}.`
}

function listed(patterns: readonly string[]): string {
  if (patterns.length < 2) return patterns.join("")
  return `${patterns.slice(0, -1).join(", ")} and ${patterns.at(-1)}`
}
