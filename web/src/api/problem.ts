/** What went wrong, as the server says it (`application/problem+json`), and in words a person can act on. */

export interface ProblemBody {
  code: string
  detail: string
  status: number
  title?: string
  message?: string
  request_id?: string
  field?: string
  rule?: string
  limit?: number
  remaining?: number
  resets_at?: string
  retry_after_ms?: number
  errors?: { field: string; detail: string }[]
}

export class Problem extends Error {
  readonly body: ProblemBody

  constructor(body: ProblemBody) {
    super(body.detail)
    this.name = "Problem"
    this.body = body
  }

  get code() {
    return this.body.code
  }

  get status() {
    return this.body.status
  }
}

export async function problemFrom(response: Response): Promise<Problem> {
  const request_id = response.headers.get("x-request-id") ?? undefined
  const text = await response.text()
  const body = parsedBody(text)
  return new Problem({
    request_id,
    code: `http_${response.status}`,
    detail: unexplained(response.status),
    ...body,
    status: response.status,
  })
}

export function unreachable(): Problem {
  return new Problem({
    code: "unreachable",
    status: 0,
    detail: "omni2 does not answer. Check your connection; it may be restarting.",
  })
}

/** Any thrown value as a Problem, so that every place shows errors alike. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown
  const detail = thrown instanceof Error ? thrown.message : String(thrown)
  return new Problem({ code: "unexpected", status: 0, detail })
}

/** The words for one field of a form, from `field` or from the list of validation errors. */
export function fieldError(thrown: unknown, field: string): string | null {
  if (!(thrown instanceof Problem)) return null
  const { body } = thrown
  const words =
    body.field === field
      ? body.detail
      : body.errors?.find((error) => error.field.split(".").at(-1) === field)?.detail
  return words ? unnamed(words, field) : null
}

/** At its field an error need not name it. */
function unnamed(words: string, field: string): string {
  const rest = words.replace(new RegExp(`^([a-z0-9_]+\\.)*${field}: `), "")
  return rest.charAt(0).toUpperCase() + rest.slice(1)
}

/** The words that belong to the whole form: everything that no field says. */
export function formError(thrown: unknown, fields: readonly string[]): string | null {
  if (!thrown) return null
  if (fields.some((field) => fieldError(thrown, field))) return null
  return problemWords(asProblem(thrown))
}

export function problemWords(problem: Problem): string {
  const { retry_after_ms } = problem.body
  if (problem.code === "throttled" && retry_after_ms) {
    return `${problem.body.detail} Try again in ${waitWords(retry_after_ms)}.`
  }
  return problem.body.detail
}

function waitWords(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000))
  return seconds < 90 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`
}

function parsedBody(text: string): Partial<ProblemBody> {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === "object" && body !== null ? body : {}
  } catch {
    return {}
  }
}

function unexplained(status: number): string {
  if (status >= 500) return "omni2 could not answer this request. It has been logged under its request id."
  return `The server refused this request (${status}).`
}
