/** Requests to `/api`: cookies, the header that proves our own page, and problems as thrown values. */
import { type Problem, problemFrom, unreachable } from "./problem"
import { markBlocked, markExpired } from "./session"

type Query = Record<string, string | number | boolean | null | undefined>

interface Sent {
  query?: Query
  body?: unknown
  text?: string | Blob
  signal?: AbortSignal
}

export const api = {
  get: <T>(path: string, query?: Query, signal?: AbortSignal) => request<T>("GET", path, { query, signal }),
  /** The answer as it comes, for what is too large to be had at once. */
  open: (path: string, query: Query, signal: AbortSignal) => answer("GET", path, { query, signal }),
  post: <T>(path: string, body?: unknown, query?: Query) => request<T>("POST", path, { body, query }),
  /** Sends a part of a file as it is. */
  putPart: <T>(path: string, text: Blob, query?: Query) => request<T>("PUT", path, { text, query }),
  put: <T>(path: string, body: unknown) => request<T>("PUT", path, { body }),
  patch: <T>(path: string, body: unknown, query?: Query) => request<T>("PATCH", path, { body, query }),
  delete: <T = void>(path: string) => request<T>("DELETE", path, {}),
}

async function request<T>(method: string, path: string, sent: Sent): Promise<T> {
  const response = await answer(method, path, sent)
  return (response.status === 204 ? undefined : await response.json()) as T
}

async function answer(method: string, path: string, { query, body, text, signal }: Sent): Promise<Response> {
  const headers: Record<string, string> = { accept: "application/json" }
  if (method !== "GET") headers["x-omni2"] = "1"
  const content = body === undefined ? text : JSON.stringify(body)
  if (content !== undefined) headers["content-type"] = "application/json"
  const sent = { method, headers, body: content, signal }
  const response = await fetch(path + queryString(query), { credentials: "same-origin", ...sent }).catch(lost)
  if (!response.ok) throw noticed(await problemFrom(response))
  return response
}

function lost(thrown: unknown): never {
  if (thrown instanceof DOMException && thrown.name === "AbortError") throw thrown
  throw unreachable()
}

/** A block or an ended session concerns the whole page, whichever request met it first. */
function noticed(problem: Problem): Problem {
  if (problem.code === "blocked" || problem.code === "deactivated") {
    markBlocked(problem.body.message ?? problem.body.detail)
  }
  if (problem.code === "not_signed_in") markExpired()
  return problem
}

function queryString(query: Query | undefined): string {
  const given = Object.entries(query ?? {}).filter(
    ([, value]) => value !== null && value !== undefined && value !== "",
  )
  if (given.length === 0) return ""
  return `?${new URLSearchParams(given.map(([key, value]) => [key, String(value)]))}`
}
