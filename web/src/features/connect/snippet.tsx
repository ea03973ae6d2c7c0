/** A text to paste: mono, scrolling on its own, with its copy button always at hand. */
import { CopyButton } from "@/ui/copy"
import type { Setup } from "./programs"

const titles: Record<Setup["language"], string> = {
  sh: "Terminal",
  json: "JSON",
  python: "Python",
  typescript: "TypeScript",
}

export function Snippet({ code, language }: { code: string; language: Setup["language"] }) {
  return (
    <figure className="min-w-0 overflow-hidden rounded border bg-sunken">
      <figcaption className="flex h-8 items-center border-b pr-1 pl-3 text-fg-3 text-xs">
        <span className="flex-1">{titles[language]}</span>
        <CopyButton value={code} label="Copy text" />
      </figcaption>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        tabIndex={0}
        className="overflow-x-auto px-3 py-2.5 text-xs leading-5"
      >
        <code>{code}</code>
      </pre>
    </figure>
  )
}
