import { renderToStaticMarkup } from "react-dom/server"
import { expect, test } from "vitest"
import { TooltipProvider } from "@/ui/tooltip"
import Markdown from "./markdown"

function html(text: string): string {
  return renderToStaticMarkup(
    <TooltipProvider>
      <Markdown text={text} live />
    </TooltipProvider>,
  )
}

test("an image never loads: it is a link that names its host", () => {
  const shown = html("![chart](https://evil.example/pixel.png?who=alice)")
  expect(shown).not.toContain("<img")
  expect(shown).toContain("(evil.example)")
})

test("an image of this origin or with inline data is words alone", () => {
  expect(html("![secret](/api/flows)")).not.toMatch(/<img|\/api\/flows/)
  expect(html("![dot](data:image/png;base64,AAAA)")).not.toMatch(/<img|data:/)
})

test("HTML in an answer is shown as the words that it is", () => {
  const shown = html('<script>alert(1)</script><iframe src="//evil.example"></iframe><b onclick="x()">hi</b>')
  expect(shown).not.toMatch(/<(script|iframe|b)/)
  expect(shown).toContain("&lt;script&gt;")
})

test.each(["javascript:alert(1)", "vbscript:x", "data:text/html,x", "//evil.example", "/api/auth/logout"])(
  "a link to %s is words alone",
  (href) => {
    expect(html(`[click](${href})`)).not.toContain("<a ")
  },
)

test("a link says which host it leads to, tells it nothing, and opens beside the chat", () => {
  const shown = html("[the docs](https://docs.example/a?b=c)")
  expect(shown).toContain("(docs.example)")
  expect(shown).toContain('rel="noopener noreferrer nofollow"')
  expect(shown).toContain('target="_blank"')
})

test("a link whose words are its address does not repeat the host", () => {
  expect(html("https://docs.example/a").match(/docs\.example/g)).toHaveLength(2)
})

test("tables scroll in their own region and code names its language", () => {
  expect(html("| a |\n|---|\n| 1 |")).toContain("table-scroll")
  expect(html("```py\nprint(1)\n```")).toContain("Python")
})
