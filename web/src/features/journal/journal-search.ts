/** What the URL of the audit holds: the kind it is narrowed to. */

export function journalSearch(search: Record<string, unknown>): { kind?: string } {
  return typeof search.kind === "string" && search.kind ? { kind: search.kind } : {}
}
