/** Code in colours: shiki's core with its JavaScript engine (no wasm, no eval), each language on its own demand. */
import type { HighlighterCore, LanguageRegistration } from "@shikijs/core"

export interface Token {
  text: string
  light: string | undefined
  dark: string | undefined
}

const longest_chars = 40_000
const light_theme = "github-light-default"
const dark_theme = "github-dark-default"

type Loader = () => Promise<{ default: LanguageRegistration[] }>

const languages: Record<string, { name: string; load: Loader }> = {
  bash: { name: "Shell", load: () => import("@shikijs/langs/bash") },
  c: { name: "C", load: () => import("@shikijs/langs/c") },
  css: { name: "CSS", load: () => import("@shikijs/langs/css") },
  diff: { name: "Diff", load: () => import("@shikijs/langs/diff") },
  go: { name: "Go", load: () => import("@shikijs/langs/go") },
  html: { name: "HTML", load: () => import("@shikijs/langs/html") },
  java: { name: "Java", load: () => import("@shikijs/langs/java") },
  javascript: { name: "JavaScript", load: () => import("@shikijs/langs/javascript") },
  json: { name: "JSON", load: () => import("@shikijs/langs/json") },
  python: { name: "Python", load: () => import("@shikijs/langs/python") },
  rust: { name: "Rust", load: () => import("@shikijs/langs/rust") },
  sql: { name: "SQL", load: () => import("@shikijs/langs/sql") },
  toml: { name: "TOML", load: () => import("@shikijs/langs/toml") },
  tsx: { name: "TSX", load: () => import("@shikijs/langs/tsx") },
  typescript: { name: "TypeScript", load: () => import("@shikijs/langs/typescript") },
  xml: { name: "XML", load: () => import("@shikijs/langs/xml") },
  yaml: { name: "YAML", load: () => import("@shikijs/langs/yaml") },
}

const other_names: Record<string, string> = {
  sh: "bash",
  shell: "bash",
  console: "bash",
  zsh: "bash",
  js: "javascript",
  jsx: "tsx",
  ts: "typescript",
  py: "python",
  rs: "rust",
  yml: "yaml",
  jsonc: "json",
  golang: "go",
  svg: "xml",
}

const done = new Map<string, Promise<Token[][] | null>>()
const loaded = new Map<string, Promise<void>>()
let core: Promise<HighlighterCore> | undefined

/** The language in words; null when it is not one that gets colours. */
export function languageName(language: string): string | null {
  return languages[known(language)]?.name ?? null
}

/** Lines of coloured tokens; null when the code stays plain. The same code gives the same promise. */
export function highlight(code: string, language: string): Promise<Token[][] | null> {
  const key = `${known(language)}\n${code}`
  const before = done.get(key)
  if (before) return before
  const promise = tokens(code, known(language)).catch(() => null)
  done.set(key, promise)
  return promise
}

async function tokens(code: string, language: string): Promise<Token[][] | null> {
  if (code.length > longest_chars) return null
  core ??= makeCore()
  const highlighter = await core
  const loading = loaded.get(language) ?? load(highlighter, language)
  loaded.set(language, loading)
  await loading
  const lines = highlighter.codeToTokensWithThemes(code, {
    lang: language,
    themes: { light: light_theme, dark: dark_theme },
  })
  return lines.map((line) =>
    line.map((token) => ({
      text: token.content,
      light: token.variants.light?.color,
      dark: token.variants.dark?.color,
    })),
  )
}

async function load(highlighter: HighlighterCore, language: string): Promise<void> {
  const registration = await languages[language]?.load()
  if (registration) await highlighter.loadLanguage(...registration.default)
}

async function makeCore(): Promise<HighlighterCore> {
  const [{ createHighlighterCore }, { createJavaScriptRegexEngine }, light, dark] = await Promise.all([
    import("@shikijs/core"),
    import("@shikijs/engine-javascript"),
    import("@shikijs/themes/github-light-default"),
    import("@shikijs/themes/github-dark-default"),
  ])
  return createHighlighterCore({
    engine: createJavaScriptRegexEngine({ forgiving: true }),
    themes: [light.default, dark.default],
    langs: [],
  })
}

function known(language: string): string {
  const name = language.toLowerCase()
  return other_names[name] ?? name
}
