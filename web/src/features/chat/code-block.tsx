/** A block of code: language, wrap, copy; colours come when they are ready and change no size. */
import { WrapText } from "lucide-react"
import { Suspense, use, useState } from "react"
import { IconButton } from "@/ui/button"
import { cn } from "@/ui/cn"
import { CopyButton } from "@/ui/copy"
import { highlight, languageName, type Token } from "./highlight"

interface CodeBlockProps {
  code: string
  language: string
  plain: boolean
}

export function CodeBlock({ code, language, plain }: CodeBlockProps) {
  const [wrap, setWrap] = useState(false)
  const name = languageName(language)
  return (
    <figure className="my-3 overflow-hidden rounded border bg-sunken">
      <figcaption className="flex h-8 items-center border-b pr-1 pl-3 text-fg-3 text-xs">
        <span className="flex-1">{name ?? (language || "Text")}</span>
        <IconButton
          icon={WrapText}
          label={wrap ? "Do not wrap lines" : "Wrap lines"}
          pressed={wrap}
          size="sm"
          className="size-6"
          onClick={() => setWrap(!wrap)}
        />
        <CopyButton value={code} label="Copy code" />
      </figcaption>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        tabIndex={0}
        className={cn(
          "overflow-x-auto px-3 py-2.5 text-xs leading-5",
          wrap && "whitespace-pre-wrap break-words",
        )}
      >
        <code>
          {plain || !name ? (
            code
          ) : (
            <Suspense fallback={code}>
              <Coloured code={code} language={language} />
            </Suspense>
          )}
        </code>
      </pre>
    </figure>
  )
}

function Coloured({ code, language }: { code: string; language: string }) {
  const lines = use(highlight(code, language))
  if (!lines) return code
  return lines.map((line, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: lines of a settled text have no other identity
    <span key={i}>
      {line.map((token, j) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: tokens of a settled line have no other identity
        <CodeToken key={j} token={token} />
      ))}
      {i < lines.length - 1 && "\n"}
    </span>
  ))
}

function CodeToken({ token }: { token: Token }) {
  return (
    <span
      className="code-token"
      style={{ "--light": token.light, "--dark": token.dark } as React.CSSProperties}
    >
      {token.text}
    </span>
  )
}
