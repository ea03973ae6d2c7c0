/** A form made from a JSON Schema of arguments: which fields, of which kind, nested as the schema is. */
import type { JsonValue } from "@/api/shapes"

export type FieldKind =
  | "text"
  | "number"
  | "integer"
  | "boolean"
  /** One of a few values. */
  | "choice"
  /** Several of a few values. */
  | "choices"
  /** Simple values, one a line. */
  | "lines"
  /** Fields of its own. */
  | "group"
  /** Any number of groups. */
  | "list"
  /** Whatever has no form of its own, written as JSON. */
  | "json"

export interface Choice {
  label: string
  value: JsonValue
}

export interface ArgumentField {
  name: string
  kind: FieldKind
  required: boolean
  help: string | null
  choices: readonly Choice[]
  /** As it would be typed. */
  initial: string
  /** The fields of a group, and of each group of a list. */
  fields: readonly ArgumentField[]
  /** What each line is read as. */
  line: "text" | "number" | "integer"
}

export type Schema = Record<string, JsonValue>

/** Beyond it a schema is filled in as JSON: it may well contain itself. */
const deepest = 4

export function fieldsOf(schema: Schema): ArgumentField[] {
  return propertiesOf(schema, schema, 1)
}

function propertiesOf(schema: Schema, root: Schema, depth: number): ArgumentField[] {
  const properties = isObject(schema.properties) ? schema.properties : {}
  const required = Array.isArray(schema.required) ? schema.required : []
  return Object.entries(properties).map(([name, property]) =>
    fieldOf(name, required.includes(name), resolved(property, root), root, depth),
  )
}

function fieldOf(name: string, required: boolean, own: Schema, root: Schema, depth: number): ArgumentField {
  const help = typeof own.description === "string" ? own.description : null
  const initial = typedOf(own.default)
  const field = { name, required, help, initial, choices: [], fields: [], line: "text" as const }
  const choices = choicesOf(own)
  if (choices.length > 0) return { ...field, kind: "choice", choices }
  const type = typeOf(own)
  if (type === "array") return { ...field, ...listOf(own, root, depth) }
  if (type === "object") {
    const fields = depth < deepest ? propertiesOf(own, root, depth + 1) : []
    return fields.length > 0 ? { ...field, kind: "group", fields, initial: "" } : { ...field, kind: "json" }
  }
  const simple = type === "string" ? "text" : type
  return { ...field, kind: simple === null ? "json" : simple }
}

function listOf(own: Schema, root: Schema, depth: number): Partial<ArgumentField> & { kind: FieldKind } {
  const item = fieldOf("", true, resolved(own.items ?? null, root), root, depth + 1)
  const given = Array.isArray(own.default) ? own.default.map(typedOf).join("\n") : ""
  switch (item.kind) {
    case "choice":
      return { kind: "choices", choices: item.choices, initial: given }
    case "text":
    case "number":
    case "integer":
      return { kind: "lines", line: item.kind, initial: given }
    case "group":
      return { kind: "list", fields: item.fields, initial: "" }
    default:
      return { kind: "json" }
  }
}

/** A schema without its detours: local references, a lone `allOf`, and null beside one real type. */
function resolved(given: JsonValue, root: Schema, hops = 0): Schema {
  const own = isObject(given) ? given : {}
  if (hops > deepest) return {}
  if (typeof own.$ref === "string")
    return { ...resolved(pointedAt(own.$ref, root), root, hops + 1), ...without(own, "$ref") }
  for (const key of ["anyOf", "oneOf", "allOf"]) {
    const options = own[key]
    if (!Array.isArray(options)) continue
    const real = options.filter((option) => !(isObject(option) && option.type === "null"))
    if (real.length === 1) return { ...resolved(real[0] ?? null, root, hops + 1), ...without(own, key) }
  }
  return own
}

function pointedAt(pointer: string, root: Schema): JsonValue {
  if (!pointer.startsWith("#/")) return null
  const steps = pointer.slice(2).split("/")
  return steps.reduce<JsonValue>((at, step) => {
    const key = decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~")
    return (isObject(at) ? at[key] : null) ?? null
  }, root)
}

/** The values of an enumeration, also of one written as constants with titles. */
function choicesOf(own: Schema): Choice[] {
  if (Array.isArray(own.enum)) return own.enum.map((value) => ({ label: typedOf(value) || "null", value }))
  const options = [own.oneOf, own.anyOf].find(Array.isArray) ?? []
  const constants = options.flatMap((option) =>
    isObject(option) && option.const !== undefined
      ? [
          {
            label: typeof option.title === "string" ? option.title : typedOf(option.const),
            value: option.const,
          },
        ]
      : [],
  )
  return constants.length === options.length ? constants : []
}

type Type = "string" | "number" | "integer" | "boolean" | "array" | "object"

const types: readonly unknown[] = ["string", "number", "integer", "boolean", "array", "object"]

/** The one type of a property, also when null is allowed beside it. */
function typeOf(own: Schema): Type | null {
  const listed = Array.isArray(own.type) ? own.type : [own.type]
  const real = listed.filter((type) => type !== "null")
  return real.length === 1 && types.includes(real[0]) ? (real[0] as Type) : null
}

export function typedOf(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return ""
  return typeof value === "string" ? value : JSON.stringify(value)
}

function without(own: Schema, key: string): Schema {
  return Object.fromEntries(Object.entries(own).filter(([name]) => name !== key))
}

function isObject(value: JsonValue | undefined): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
