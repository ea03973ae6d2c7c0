/** The providers that can be added, and what each needs. */
import type { PriceView, RealProvider } from "@/api/shapes"
import { usd } from "@/lib/format"

export interface Provider {
  title: string
  /** Shown in the empty field for the model's name. */
  example: string
  needs_url: boolean
  key_help: string
}

export const providers: Record<RealProvider, Provider> = {
  openai: {
    title: "OpenAI",
    example: "gpt-5-mini",
    needs_url: false,
    key_help: "From platform.openai.com. Kept sealed; never shown again.",
  },
  anthropic: {
    title: "Anthropic",
    example: "claude-sonnet-4-5",
    needs_url: false,
    key_help: "From console.anthropic.com. Kept sealed; never shown again.",
  },
  google: {
    title: "Google",
    example: "gemini-2.5-flash",
    needs_url: false,
    key_help: "From aistudio.google.com. Kept sealed; never shown again.",
  },
  openai_compatible: {
    title: "OpenAI-compatible",
    example: "qwen3:8b",
    needs_url: true,
    key_help: "Most local servers need none. Kept sealed; never shown again.",
  },
}

/** "0.25 USD in, 2.00 USD out a million tokens" */
export function priceWords(price: PriceView | null): string {
  if (!price || price.source === "unpriced") return "Unpriced"
  const { input_micros_per_mtok, output_micros_per_mtok, per_message_micros } = price
  const parts = []
  if (input_micros_per_mtok + output_micros_per_mtok > 0)
    parts.push(`${usd(input_micros_per_mtok)} in, ${usd(output_micros_per_mtok)} out a million tokens`)
  if (per_message_micros > 0) parts.push(`${usd(per_message_micros)} a message`)
  return parts.length > 0 ? parts.join(", and ") : "Free"
}

/** "0.25" USD as micro-USD; null for what is no amount. */
export function microsOf(text: string): number | null {
  const amount = Number(text)
  return text.trim() !== "" && Number.isFinite(amount) && amount >= 0 ? Math.round(amount * 1_000_000) : null
}
