import { expect, test } from "vitest"
import { requestOf } from "./access-request"

const refusal = { what: "You may not use shop.low_stock.", rule: "No stock figures", flow_id: "f1" }

test("a request says what was refused, by which rule, and leads to the flow", () => {
  const { words } = requestOf(refusal, "https://omni2.example.org")
  expect(words).toContain('I was refused in omni2: You may not use shop.low_stock (rule "No stock figures").')
  expect(words).toContain("https://omni2.example.org/admin/flows/f1")
})

test("a rule that was named already is not named again", () => {
  const named = { ...refusal, what: 'Rule "No stock figures" forbids it' }
  expect(requestOf(named, "").words).toContain('refused in omni2: Rule "No stock figures" forbids it.\n')
})
