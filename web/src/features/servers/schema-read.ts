/** What was typed into a form of arguments, as arguments again. */
import type { JsonValue } from "@/api/shapes"
import type { ArgumentField } from "./schema-form"

/** Text of a simple field, fields by name of a group, groups of a list. */
export type Typed = string | TypedGroup | readonly TypedGroup[]
export interface TypedGroup {
  readonly [name: string]: Typed | undefined
}

export interface Read {
  args: Record<string, JsonValue>
  /** In words, by the path of the field, such as `place.city` and `parts.0.sku`. */
  errors: Record<string, string>
}

/** A field that is left empty is left out, and so is a group into which nothing was typed. */
export function argumentsOf(fields: readonly ArgumentField[], typed: TypedGroup, path = ""): Read {
  const read: Read = { args: {}, errors: {} }
  for (const field of fields) {
    const found = readField(field, typed[field.name], path + field.name)
    Object.assign(read.errors, found.errors)
    if (found.value !== undefined) read.args[field.name] = found.value
  }
  return read
}

export function textOf(field: ArgumentField, typed: Typed | undefined): string {
  return typeof typed === "string" ? typed : field.initial
}

export function groupOf(typed: Typed | undefined): TypedGroup {
  return isGroup(typed) ? typed : {}
}

export function groupsOf(typed: Typed | undefined): readonly TypedGroup[] {
  return Array.isArray(typed) ? typed : []
}

interface Found {
  value?: JsonValue
  errors: Record<string, string>
}

function readField(field: ArgumentField, typed: Typed | undefined, path: string): Found {
  if (field.kind === "group") {
    if (!field.required && !touched(typed)) return { errors: {} }
    const { args, errors } = argumentsOf(field.fields, groupOf(typed), `${path}.`)
    return { value: args, errors }
  }
  if (field.kind === "list") return listOf(field, groupsOf(typed), path)
  const text = textOf(field, typed)
  if (text === "" && (!field.required || field.kind === "lines" || field.kind === "choices"))
    return field.required ? { value: [], errors: {} } : { errors: {} }
  if (text === "" && field.kind === "text") return { errors: { [path]: "Fill this in." } }
  const value = readValue(field, text)
  return value === undefined ? { errors: { [path]: wrong(field) } } : { value, errors: {} }
}

function listOf(field: ArgumentField, groups: readonly TypedGroup[], path: string): Found {
  if (groups.length === 0) return field.required ? { value: [], errors: {} } : { errors: {} }
  const reads = groups.map((group, i) => argumentsOf(field.fields, group, `${path}.${i}.`))
  return { value: reads.map((read) => read.args), errors: Object.assign({}, ...reads.map((r) => r.errors)) }
}

function touched(typed: Typed | undefined): boolean {
  if (typed === undefined || typeof typed === "string") return Boolean(typed)
  return Array.isArray(typed) ? typed.length > 0 : Object.values(typed).some(touched)
}

function isGroup(typed: Typed | undefined): typed is TypedGroup {
  return typeof typed === "object" && !Array.isArray(typed)
}

function readValue(field: ArgumentField, text: string): JsonValue | undefined {
  switch (field.kind) {
    case "choice":
      return field.choices.find((choice) => choice.label === text)?.value
    case "choices":
      return chosen(field, text)
    case "boolean":
      return text === "true"
    case "lines":
      return lines(field, text)
    case "json":
      return parsed(text)
    default:
      return simple(field.kind, text)
  }
}

function chosen({ choices }: ArgumentField, text: string): JsonValue[] {
  const labels = text.split("\n")
  return choices.filter((choice) => labels.includes(choice.label)).map((choice) => choice.value)
}

function lines({ line }: ArgumentField, text: string): JsonValue[] | undefined {
  const read = text
    .split("\n")
    .filter((one) => one.trim() !== "")
    .map((one) => simple(line, one))
  return read.every((one) => one !== undefined) ? read : undefined
}

function simple(kind: string, text: string): JsonValue | undefined {
  if (kind === "text") return text
  const amount = text.trim() === "" ? Number.NaN : Number(text)
  return Number.isFinite(amount) && (kind === "number" || Number.isInteger(amount)) ? amount : undefined
}

function wrong({ kind, line }: ArgumentField): string {
  if (kind === "lines")
    return line === "integer" ? "Give whole numbers, one a line." : "Give numbers, one a line."
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
