import { expect, test } from "vitest"
import { fieldsOf, type Schema } from "./schema-form"
import { argumentsOf } from "./schema-read"

const schema: Schema = {
  type: "object",
  required: ["q", "limit", "place"],
  properties: {
    q: { type: "string", description: "What to find." },
    limit: { type: "integer", default: 5 },
    ratio: { anyOf: [{ type: "number" }, { type: "null" }] },
    deep: { type: "boolean" },
    order: { enum: ["asc", "desc"] },
    level: { type: "integer", enum: [1, 2, 3] },
    tone: { oneOf: [{ const: "a", title: "Angry" }, { const: "b" }] },
    tags: { type: "array", items: { type: "string" }, default: ["new"] },
    counts: { type: "array", items: { type: "integer" } },
    sizes: { type: "array", items: { enum: ["S", "M", "L"] } },
    place: { $ref: "#/$defs/Place" },
    owner: { anyOf: [{ type: "null" }, { $ref: "#/$defs/Person" }], description: "Whose it is." },
    parts: {
      type: "array",
      items: { type: "object", required: ["sku"], properties: { sku: { type: "string" } } },
    },
    any: { type: "object" },
    odd: { type: ["string", "integer"] },
  },
  $defs: {
    Place: { type: "object", required: ["city"], properties: { city: { type: "string" } } },
    Person: {
      type: "object",
      required: ["email"],
      properties: { email: { type: "string" }, boss: { $ref: "#/$defs/Person" } },
    },
  },
}
const fields = fieldsOf(schema)

test("every property has a field of its kind", () => {
  expect(fields.map((field) => [field.name, field.kind])).toEqual([
    ["q", "text"],
    ["limit", "integer"],
    ["ratio", "number"],
    ["deep", "boolean"],
    ["order", "choice"],
    ["level", "choice"],
    ["tone", "choice"],
    ["tags", "lines"],
    ["counts", "lines"],
    ["sizes", "choices"],
    ["place", "group"],
    ["owner", "group"],
    ["parts", "list"],
    ["any", "json"],
    ["odd", "json"],
  ])
  expect(fields[0]).toMatchObject({ required: true, help: "What to find." })
  expect(fields[1]?.initial).toBe("5")
  expect(fields[7]?.initial).toBe("new")
  expect(fields[11]).toMatchObject({ required: false, help: "Whose it is." })
})

test("what was typed becomes arguments, and what was left empty is left out", () => {
  const typed = {
    q: "order",
    ratio: "0.5",
    deep: "true",
    order: "asc",
    level: "2",
    tone: "Angry",
    tags: "a b\n\nc",
    counts: "1\n2",
    sizes: "S\nL",
    place: { city: "Oslo" },
    owner: { email: "" },
    parts: [{ sku: "A-1" }, { sku: "A-2" }],
    any: '{"a": 1}',
  }
  expect(argumentsOf(fields, typed)).toEqual({
    args: {
      q: "order",
      limit: 5,
      ratio: 0.5,
      deep: true,
      order: "asc",
      level: 2,
      tone: "a",
      tags: ["a b", "c"],
      counts: [1, 2],
      sizes: ["S", "L"],
      place: { city: "Oslo" },
      parts: [{ sku: "A-1" }, { sku: "A-2" }],
      any: { a: 1 },
    },
    errors: {},
  })
})

test("a group that may be left out asks for its fields once something was typed into it", () => {
  const nested = {
    type: "object",
    properties: { owner: { $ref: "#/$defs/Person" } },
    $defs: schema.$defs ?? null,
  }
  const owner = fieldsOf(nested)
  expect(argumentsOf(owner, {})).toEqual({ args: {}, errors: {} })
  const boss = { owner: { email: "a@b.c", boss: { email: "d@e.f" } } }
  expect(argumentsOf(owner, boss)).toEqual({ args: boss, errors: {} })
})

test("a required list into which nothing was typed is empty", () => {
  const tags = { type: "array", items: { type: "string" } }
  const required = fieldsOf({ type: "object", required: ["tags"], properties: { tags } })
  expect(argumentsOf(required, {})).toEqual({ args: { tags: [] }, errors: {} })
})

test("what does not fit is said at its field", () => {
  const counted = {
    type: "object",
    properties: { n: { type: "object", properties: { of: { type: "number" } } } },
  }
  expect(argumentsOf(fieldsOf(counted), { n: { of: "many" } }).errors).toEqual({ "n.of": "Give a number." })
  const { errors } = argumentsOf(fields, { limit: "1.5", counts: "one", any: "{a", order: "up" })
  expect(Object.keys(errors)).toEqual(["q", "limit", "order", "counts", "place.city", "any"])
  expect(errors.q).toBe("Fill this in.")
})

test("a schema that contains itself ends as JSON, and one without properties has no field", () => {
  const knot = { type: "object", properties: { next: { $ref: "#" } } }
  let [next] = fieldsOf(knot)
  for (let depth = 0; next?.kind === "group"; depth += 1) {
    expect(depth).toBeLessThan(10)
    next = next.fields[0]
  }
  expect(next?.kind).toBe("json")
  expect(fieldsOf({ type: "object" })).toEqual([])
  expect(argumentsOf([], {})).toEqual({ args: {}, errors: {} })
})
