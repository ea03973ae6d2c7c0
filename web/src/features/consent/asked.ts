/** What a program sent this browser here with: one word in the address that holds its query, unread by us. */

/** The query, or null for an address that carries none. */
export function askedQuery(request: string | undefined): string | null {
  if (!request?.startsWith("q.")) return null
  const base64 = request.slice(2).replaceAll("-", "+").replaceAll("_", "/")
  try {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes) || null
  } catch {
    return null
  }
}

const followed = /^(https:|http:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])[:/?])/i
const own_scheme = /^[a-z][a-z0-9+.-]{1,60}:/i
const never =
  /^(about|blob|chrome|data|file|filesystem|ftp|http|intent|javascript|vbscript|view-source|wss?):/i

/** Whether the browser may be sent to an answer's address; the server has checked it, and so does the page. */
export function mayFollow(address: string): boolean {
  return followed.test(address) || (own_scheme.test(address) && !never.test(address))
}
