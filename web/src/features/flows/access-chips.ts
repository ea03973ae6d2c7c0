/** What an access snapshot holds as chips: each name with the rule that decided. */
import { Check, Unplug, X } from "lucide-react"
import type { Snapshot } from "@/api/shapes"
import { count } from "@/lib/format"
import type { ChipItem } from "@/ui/chips"

/** How a decision is shown on a chip. */
export const looks = {
  allowed: { tone: "ok", icon: Check },
  denied: { tone: "bad", icon: X },
  unavailable: { tone: "quiet", icon: Unplug },
} as const

type Decision = Snapshot["servers"][number]["decision"]

export function serverChips(servers: Snapshot["servers"], decision: Decision): ChipItem[] {
  return servers
    .filter((server) => server.decision === decision)
    .map(({ server, rule }) => chip(server, rule, decision))
}

export function toolChips(tools: Snapshot["tools"], allowed: boolean): ChipItem[] {
  return tools
    .filter((tool) => tool.allowed === allowed)
    .map(({ server, tool, rule }) => chip(`${server}.${tool}`, rule, decided(allowed)))
}

/** Allowed ones first; what a snapshot only counts is said at the end. */
export function promptChips({ listed, total }: Snapshot["prompts"]): ChipItem[] {
  const chips = listed.map(({ server, prompt, rule, allowed }) => ({
    allowed,
    chip: chip(`${server}.${prompt}`, rule, decided(allowed)),
  }))
  return withRest(chips, total)
}

export function resourceChips({ listed, total }: Snapshot["resources"]): ChipItem[] {
  const chips = listed.map(({ server, uri, rule, allowed }) => ({
    allowed,
    chip: chip(uri, `${rule} at ${server}`, decided(allowed), `${server} ${uri}`),
  }))
  return withRest(chips, total)
}

function withRest(chips: { allowed: boolean; chip: ChipItem }[], total: number): ChipItem[] {
  const sorted = chips.toSorted((a, b) => Number(b.allowed) - Number(a.allowed)).map((one) => one.chip)
  const left = total - chips.length
  if (left <= 0) return sorted
  const words = `${count(left)} more`
  return [...sorted, { key: "rest", words, note: "Only counted in the snapshot", tone: "quiet" }]
}

function decided(allowed: boolean): Decision {
  return allowed ? "allowed" : "denied"
}

function chip(words: string, rule: string, decision: Decision, key = words): ChipItem {
  return { key, words, note: `decided by ${rule}`, ...looks[decision] }
}
