/** What a probe found, in words: what is offered, or what went wrong and the way out. */
import type { ProbeView } from "@/api/shapes"
import { plural } from "@/lib/format"

/** "6 tools, 2 prompts and 1 resource"; tools are named even where there are none. */
export function offerWords(probe: Pick<ProbeView, "tools" | "prompt_count" | "resource_count">): string {
  const others = [
    probe.prompt_count > 0 && plural(probe.prompt_count, "prompt"),
    probe.resource_count > 0 && plural(probe.resource_count, "resource"),
  ].filter((words) => words !== false)
  const parts = [plural(probe.tools.length, "tool"), ...others]
  return [parts.slice(0, -1).join(", "), parts.at(-1)].filter(Boolean).join(" and ")
}

export interface Failure {
  title: string
  /** What to do about it, where the detail does not say so. */
  next: string | null
}

const failures: Record<string, Failure> = {
  server_auth_failed: {
    title: "It asks for credentials",
    next: "Give a bearer token or a header above. If people sign in there through a browser, choose a sign-in.",
  },
  server_not_mcp: {
    title: "Something answers, but not MCP",
    next: 'Check the path: many servers answer at /mcp. One that answers at /sse is "URL, older (SSE)".',
  },
}

export function failureOf({ code, detail }: Pick<ProbeView, "code" | "detail">): Failure {
  if (code === "url_refused") {
    const mine = detail?.includes("private address")
    return {
      title: "This address is not allowed",
      next: mine ? 'If you run it yourselves, tick "It runs in our own network" above.' : null,
    }
  }
  return failures[code ?? ""] ?? { title: "It did not answer", next: null }
}
