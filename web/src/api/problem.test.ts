import { expect, test } from "vitest"
import { asProblem, fieldError, formError, Problem, problemFrom, problemWords } from "./problem"

const weak = new Problem({
  code: "password_weak",
  detail: "Use at least 12 characters.",
  status: 422,
  field: "password",
})

test("a problem of a field is said at the field and not again above the form", () => {
  expect(fieldError(weak, "password")).toBe("Use at least 12 characters.")
  expect(formError(weak, ["password"])).toBeNull()
})

test("a problem of no known field is said above the form", () => {
  expect(fieldError(weak, "name")).toBeNull()
  expect(formError(weak, ["name"])).toBe("Use at least 12 characters.")
})

test("validation errors are found by the last part of their path", () => {
  const invalid = new Problem({
    code: "invalid_request",
    detail: "Two fields are wrong.",
    status: 422,
    errors: [{ field: "body.email", detail: "This is not an e-mail address." }],
  })
  expect(fieldError(invalid, "email")).toBe("This is not an e-mail address.")
})

test("a throttled answer says how long to wait", () => {
  const throttled = new Problem({
    code: "throttled",
    detail: "Too many tries.",
    status: 429,
    retry_after_ms: 4_200,
  })
  expect(problemWords(throttled)).toBe("Too many tries. Try again in 5 s.")
})

test("an answer that is no problem document still becomes words, a code and its request id", async () => {
  const response = new Response("<html>bad gateway", { status: 502, headers: { "x-request-id": "r-1" } })
  const problem = await problemFrom(response)
  expect(problem.code).toBe("http_502")
  expect(problem.body.request_id).toBe("r-1")
  expect(problem.message).toMatch(/could not answer/)
})

test("the status of the wire wins over the one in the body, and thrown values become problems", async () => {
  const problem = await problemFrom(
    new Response(JSON.stringify({ code: "x", detail: "d", status: 1 }), { status: 409 }),
  )
  expect(problem.status).toBe(409)
  expect(asProblem("odd").code).toBe("unexpected")
})

test("at its field an error does not name the field", () => {
  const errors = [{ field: "body.timeout_ms", detail: "timeout_ms: input should be greater than 100." }]
  const problem = new Problem({ code: "invalid", status: 422, detail: "timeout_ms: x", errors })
  expect(fieldError(problem, "timeout_ms")).toBe("Input should be greater than 100.")
})
