/** A form made from a JSON Schema of arguments: which fields, and what was typed as arguments again. */
import type { JsonValue } from "@/api/shapes"

export type FieldKind = "text" | "number" | "integer" | "boolean" | "choice" | "json"

export interface ArgumentField {
  name: string
  kind: FieldKind
  required: boolean
  help: string | null
  choices: string[]
  /** As it would be typed. */
  initial: string
}

type Schema = Record<string, JsonValue>

export function fieldsOf(schema: Schema): ArgumentField[] {
  const properties = isObject(schema.properties) ? schema.properties : {}
  const required = Array.isArray(schema.required) ? schema.required : []
  return Object.entries(properties).map(([name, property]) => {
    const own = isObject(property) ? property : {}
    const choices = Array.isArray(own.enum) ? own.enum.filter((one) => typeof one === "string") : []
    return {
      name,
      kind: kindOf(own, choices),
      required: required.includes(name),
      help: typeof own.description === "string" ? own.description : null,
      choices,
      initial: typedOf(own.default),
    }
  })
}

export interface Read {
  args: Record<string, JsonValue>
  /** In words, by field. */
  errors: Record<string, string>
}

/** What was typed as arguments; a field that is left empty is left out. */
export function argumentsOf(fields: readonly ArgumentField[], typed: Record<string, string>): Read {
  const read: Read = { args: {}, errors: {} }
  for (const field of fields) {
    const text = typed[field.name] ?? field.initial
    if (text === "" && !field.required) continue
    const value = readValue(field, text)
    if (value === undefined) read.errors[field.name] = wrong(field)
    else read.args[field.name] = value
  }
  return read
}

function kindOf(own: Schema, choices: string[]): FieldKind {
  if (choices.length > 0 && Array.isArray(own.enum) && choices.length === own.enum.length) return "choice"
  switch (baseType(own)) {
    case "string":
      return "text"
    case "number":
      return "number"
    case "integer":
      return "integer"
    case "boolean":
      return "boolean"
    default:
      return "json"
  }
}

/** The one type of a property, also when null is allowed beside it. */
function baseType(own: Schema): string | null {
  const options = [own.anyOf, own.oneOf].find(Array.isArray)
  const types = options
    ? options.map((option) => (isObject(option) ? option.type : null))
    : Array.isArray(own.type)
      ? own.type
      : [own.type]
  const real = types.filter((type) => type !== "null")
  return real.length === 1 && typeof real[0] === "string" ? real[0] : null
}

function readValue({ kind, choices }: ArgumentField, text: string): JsonValue | undefined {
  switch (kind) {
    case "text":
      return text
    case "choice":
      return choices.includes(text) ? text : undefined
    case "boolean":
      return text === "true"
    case "number":
    case "integer": {
      const amount = text.trim() === "" ? Number.NaN : Number(text)
      const fits = Number.isFinite(amount) && (kind === "number" || Number.isInteger(amount))
      return fits ? amount : undefined
    }
    case "json":
      return parsed(text)
  }
}

function wrong({ kind }: ArgumentField): string {
  if (kind === "integer") return "Give a whole number."
  if (kind === "number") return "Give a number."
  return kind === "choice" ? "Choose one." : 'Give JSON, such as ["a"] or {"a": 1}.'
}

function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return undefined
  }
}

function typedOf(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return ""
  return typeof value === "string" ? value : JSON.stringify(value)
}

function isObject(value: JsonValue | undefined): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
