/** A server as it is being typed in, and as it is sent. */
import type { Pair, ServerCreate } from "@/api/shapes"
import type { SignInMode } from "@/api/sign-ins"

export type Opening = "nobody" | "everyone" | "admins"

export interface Draft {
  transport: "http" | "sse" | "stdio"
  title: string
  /** Somebody typed the title: it follows nothing any more. */
  named: boolean
  url: string
  command: string
  bearer: string
  /** Headers (by URL) or variables of the environment (stdio), one `NAME=value` a line. */
  pairs: string
  grant: Opening
  allow_private: boolean
  sign_in: SignInMode
}

export const empty_draft: Draft = {
  transport: "http",
  title: "",
  named: false,
  url: "",
  command: "",
  bearer: "",
  pairs: "",
  grant: "admins",
  allow_private: false,
  sign_in: "none",
}

export function ready({ transport, title, url, command }: Draft): boolean {
  const way = transport === "stdio" ? command : url
  return title.trim() !== "" && way.trim() !== ""
}

export function serverOf(draft: Draft): ServerCreate {
  const pairs = pairsOf(draft.pairs)
  const common = { title: draft.title.trim(), transport: draft.transport, grant: draft.grant }
  if (draft.transport === "stdio") return { ...common, command: wordsOf(draft.command), env: pairs }
  return {
    ...common,
    url: urlOf(draft.url),
    headers: pairs,
    ...(draft.bearer.trim() && draft.sign_in === "none" ? { bearer: draft.bearer.trim() } : {}),
    ...(draft.sign_in !== "none" ? { sign_in: draft.sign_in } : {}),
    ...(draft.allow_private ? { allow_private: true } : {}),
  }
}

/** `NAME=value` or `Name: value`, one a line; a line with neither is left out. */
export function pairsOf(text: string): Pair[] {
  return text.split("\n").flatMap((line) => {
    const found = /^\s*([^\s:=]+)\s*[:=]\s*(.*?)\s*$/.exec(line)
    return found?.[1] ? [{ name: found[1], value: found[2] ?? "" }] : []
  })
}

/** A command as a shell would part it: spaces, with single and double quotes. */
export function wordsOf(command: string): string[] {
  const words = command.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? []
  return words.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, (_, a, b) => a ?? b ?? ""))
}

/** A command as one would type it, so that `wordsOf` parts it the same way. */
export function commandLine(words: readonly string[]): string {
  return words.map(quoted).join(" ")
}

function quoted(word: string): string {
  if (word !== "" && !/[\s"']/.test(word)) return word
  if (!word.includes("'")) return `'${word}'`
  return word
    .split('"')
    .map((part) => `"${part}"`)
    .join(`'"'`)
}

/** An address as people type it: https, or http on this machine, where they leave that out. */
export function urlOf(typed: string): string {
  const text = typed.trim()
  if (text === "" || /^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return text
  return `${/^(localhost|127\.|\[::1\])/i.test(text) ? "http" : "https"}://${text}`
}

/** A title from what is known, so that nobody has to invent one. */
export function titleFrom({ transport, url, command }: Draft): string {
  if (transport !== "stdio") return /^https?:\/\/([^/:?#]+)/i.exec(urlOf(url))?.[1] ?? ""
  const words = wordsOf(command).filter((word) => !/^-|\s/.test(word))
  return (
    words
      .at(-1)
      ?.split("/")
      .at(-1)
      ?.replace(/\.\w+$/, "") ?? ""
  )
}
