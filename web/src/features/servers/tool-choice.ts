/** What is chosen for a tool as it is typed in, and as it is sent. */
import type { ToolLabel, ToolPatch, ToolView } from "@/api/shapes"

export interface Chosen {
  labels: readonly ToolLabel[]
  renamed: string
  shown_title: string
  shown_description: string
  /** Credits a call; nothing is free. */
  price: string
}

export function chosenOf(tool: ToolView, rate: number): Chosen {
  return {
    labels: tool.labels,
    renamed: tool.renamed ?? "",
    shown_title: tool.shown_title ?? "",
    shown_description: tool.shown_description ?? "",
    price: tool.price_micros ? String(tool.price_micros / rate) : "",
  }
}

/** What clients accept as the name of a tool; nothing takes the choice back. */
export function nameIsValid({ renamed }: Chosen): boolean {
  return /^[A-Za-z0-9_-]{0,64}$/.test(renamed.trim())
}

export function priceIsValid({ price }: Chosen): boolean {
  const amount = Number(price)
  return Number.isFinite(amount) && amount >= 0
}

/** Only what differs from what is stored; an emptied field takes the choice back. */
export function patchOf(tool: ToolView, draft: Chosen, rate: number): ToolPatch {
  const patch: ToolPatch = {}
  const before = chosenOf(tool, rate)
  if (draft.labels.toSorted().join() !== before.labels.toSorted().join()) patch.labels = [...draft.labels]
  for (const field of ["renamed", "shown_title", "shown_description"] as const) {
    const text = draft[field].trim()
    if (text !== before[field].trim()) patch[field] = text || null
  }
  const price_micros = draft.price.trim() === "" ? null : Math.round(Number(draft.price) * rate)
  if ((price_micros || null) !== (tool.price_micros || null)) patch.price_micros = price_micros || null
  return patch
}
