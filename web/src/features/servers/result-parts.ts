/** The parts of a tool's result that a person reads: its texts, links to resources, and pictures. */
import type { JsonValue } from "@/api/shapes"

export interface Parts {
  /** Texts and links, one below the other; null without any. */
  text: string | null
  pictures: { key: string; source: string }[]
}

/** Kinds that hold no programs of their own. */
const picture_types = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"])

export function partsOf(result: Record<string, JsonValue> | null): Parts {
  const listed = Array.isArray(result?.content) ? result.content : []
  const blocks = listed.flatMap((block) => (isObject(block) ? [block] : []))
  const texts = blocks.flatMap(textOf)
  const pictures = blocks.flatMap(({ type, mimeType, data }, i) =>
    type === "image" &&
    typeof mimeType === "string" &&
    picture_types.has(mimeType) &&
    typeof data === "string"
      ? [{ key: `${i}`, source: `data:${mimeType};base64,${data}` }]
      : [],
  )
  return { text: texts.length > 0 ? texts.join("\n") : null, pictures }
}

function textOf(block: Record<string, JsonValue>): string[] {
  if (typeof block.text === "string") return [block.text]
  if (block.type === "resource_link" && typeof block.uri === "string") return [block.uri]
  const { resource } = block
  return isObject(resource) && typeof resource.text === "string" ? [resource.text] : []
}

function isObject(value: JsonValue | undefined): value is Record<string, JsonValue> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
