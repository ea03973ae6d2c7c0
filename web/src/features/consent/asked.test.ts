import { expect, test } from "vitest"
import { askedQuery, mayFollow } from "./asked"

test("a query comes out of the address exactly as the program sent it", () => {
  const query = "client_id=https%3A%2F%2Fa.example%2Fc.json&state=0012&scope=mcp&x=%C3%A9"
  const wrapped = btoa(query).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")
  expect(askedQuery(`q.${wrapped}`)).toBe(query)
})

test("an address without a query, or with a broken one, asks nothing", () => {
  expect(askedQuery(undefined)).toBeNull()
  expect(askedQuery("12")).toBeNull()
  expect(askedQuery("q.")).toBeNull()
  expect(askedQuery("q.%%%")).toBeNull()
})

test("the browser follows to programs and sites, never to script or to plain http elsewhere", () => {
  expect(mayFollow("https://a.example/callback?code=1")).toBe(true)
  expect(mayFollow("http://127.0.0.1:7777/callback?code=1")).toBe(true)
  expect(mayFollow("http://[::1]:7777/callback")).toBe(true)
  expect(mayFollow("cursor://anysphere.cursor-mcp/oauth?code=1")).toBe(true)
  for (const bad of ["javascript:alert(1)", "data:text/html,x", "http://a.example/", "//a.example", "x"]) {
    expect(mayFollow(bad)).toBe(false)
  }
})
