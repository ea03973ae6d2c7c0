/** Answers as Markdown: no raw HTML, no remote images, links that show where they lead, tables that scroll. */
import { ExternalLink, Image } from "lucide-react"
import { type ComponentProps, memo, type ReactNode, useDeferredValue } from "react"
import ReactMarkdown, { type Components, type ExtraProps } from "react-markdown"
import remarkGfm from "remark-gfm"
import { Icon } from "@/ui/icon"
import { CodeBlock } from "./code-block"

const plugins = [remarkGfm]

interface MarkdownProps {
  text: string
  /** While text still arrives, code is not highlighted. */
  live: boolean
}

export default memo(function Markdown({ text, live }: MarkdownProps) {
  const shown = useDeferredValue(text)
  return (
    <div className="prose-chat min-w-0">
      <ReactMarkdown remarkPlugins={plugins} components={live ? live_components : components}>
        {shown}
      </ReactMarkdown>
    </div>
  )
})

type Props<Tag extends keyof React.JSX.IntrinsicElements> = ComponentProps<Tag> & ExtraProps

function Anchor({ href, children }: Props<"a">) {
  const host = hostOf(href)
  if (!href || (!host && !href.startsWith("mailto:"))) return <span>{children}</span>
  return (
    <>
      <a href={href} target="_blank" rel="noopener noreferrer nofollow">
        {children}
      </a>
      {host && !textOf(children).includes(host) && <span className="text-fg-3"> ({host})</span>}
    </>
  )
}

/** A remote image would tell its host who reads it: it is a link. */
function Picture({ src, alt }: Props<"img">) {
  const href = typeof src === "string" ? src : undefined
  const host = hostOf(href)
  if (!host) return <span className="text-fg-3">{alt}</span>
  return (
    <a
      href={href}
      target="_blank"
      rel="noopener noreferrer nofollow"
      className="inline-flex items-center gap-1"
    >
      <Icon of={Image} size={14} />
      {alt || "Image"} <span className="text-fg-3">({host})</span>
      <Icon of={ExternalLink} size={12} />
    </a>
  )
}

function Table({ children }: Props<"table">) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section aria-label="Table" tabIndex={0} className="table-scroll">
      <table>{children}</table>
    </section>
  )
}

function pre(live: boolean) {
  return function Pre({ node }: Props<"pre">) {
    const code = node?.children[0]
    if (code?.type !== "element") return null
    const names = code.properties.className
    const language = Array.isArray(names) ? String(names[0] ?? "").replace("language-", "") : ""
    const text = code.children.map((child) => (child.type === "text" ? child.value : "")).join("")
    return <CodeBlock code={text.replace(/\n$/, "")} language={language} plain={live} />
  }
}

const shared: Components = { a: Anchor, img: Picture, table: Table }
const components: Components = { ...shared, pre: pre(false) }
const live_components: Components = { ...shared, pre: pre(true) }

function hostOf(href: string | undefined): string | null {
  if (!href || !/^https?:\/\//i.test(href)) return null
  try {
    return new URL(href).host
  } catch {
    return null
  }
}

function textOf(children: ReactNode): string {
  if (typeof children === "string") return children
  return Array.isArray(children) ? children.map(textOf).join("") : ""
}
