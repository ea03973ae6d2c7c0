import { expect, test } from "vitest"
import { argumentsOf, fieldsOf } from "./schema-form"

const schema = {
  type: "object",
  required: ["q", "limit"],
  properties: {
    q: { type: "string", description: "What to find." },
    limit: { type: "integer", default: 5 },
    ratio: { anyOf: [{ type: "number" }, { type: "null" }] },
    deep: { type: "boolean" },
    order: { enum: ["asc", "desc"] },
    tags: { type: "array", items: { type: "string" } },
    odd: { type: ["string", "integer"] },
  },
}

test("every property has a field of its kind", () => {
  const fields = fieldsOf(schema)
  expect(fields.map((field) => [field.name, field.kind])).toEqual([
    ["q", "text"],
    ["limit", "integer"],
    ["ratio", "number"],
    ["deep", "boolean"],
    ["order", "choice"],
    ["tags", "json"],
    ["odd", "json"],
  ])
  expect(fields[0]).toMatchObject({ required: true, help: "What to find." })
  expect(fields[1]?.initial).toBe("5")
})

test("what was typed becomes arguments, and what was left empty is left out", () => {
  const typed = { q: "order", ratio: "0.5", deep: "true", order: "asc", tags: '["a"]' }
  expect(argumentsOf(fieldsOf(schema), typed)).toEqual({
    args: { q: "order", limit: 5, ratio: 0.5, deep: true, order: "asc", tags: ["a"] },
    errors: {},
  })
})

test("what does not fit is said at its field", () => {
  const { errors } = argumentsOf(fieldsOf(schema), { q: "", limit: "1.5", tags: "[a", order: "up" })
  expect(Object.keys(errors)).toEqual(["limit", "order", "tags"])
})

test("a schema without properties has no field", () => {
  expect(fieldsOf({ type: "object" })).toEqual([])
  expect(argumentsOf([], {})).toEqual({ args: {}, errors: {} })
})
