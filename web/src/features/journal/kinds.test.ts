import { expect, test } from "vitest"
import { kindWords } from "./kinds"

test("a kind of the journal has words, also one that is not known yet", () => {
  expect(kindWords("user.blocked")).toBe("Blocked")
  expect(kindWords("policy.tool_adopted")).toBe("Policy tool adopted")
})
