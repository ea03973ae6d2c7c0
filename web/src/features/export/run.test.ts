import { beforeEach, expect, test, vi } from "vitest"
import { clearSession, markExpired, useSession } from "@/api/session"
import { begin, discard, goOn, stop } from "./run"
import { type Export, useExports } from "./store"
import { wordsOf } from "./words"

const ids = [1, 2, 3].map((n) => `01a20810-6a9b-7b79-b2f5-2cf82ee51ef${n}`)
const line = (n: number) => `{"flow_id":"${ids[n]}","title":"caf\u00e9"}\n`
const asked = { form: "jsonl", label: "JSON lines", query: { zone: "UTC" }, what: "all flows" } as const

let saved: { name: string; text: Promise<string> }[] = []

beforeEach(() => {
  saved = []
  let file = new Blob()
  const link = { href: "", download: "", click: () => saved.push({ name: link.download, text: file.text() }) }
  vi.spyOn(URL, "createObjectURL").mockImplementation((given) => {
    if (given instanceof Blob) file = given
    return "blob:"
  })
  vi.stubGlobal("document", { createElement: () => link })
  vi.stubGlobal("addEventListener", () => {})
  vi.stubGlobal("removeEventListener", () => {})
  for (const { id } of useExports.getState().items) discard(id)
})

/** Answers requests of the export in turn, each with parts, behind which it ends or breaks. */
function answering(...answers: { parts: string[]; breaks?: boolean }[]): string[] {
  const asked_for: string[] = []
  vi.stubGlobal("fetch", async (url: string) => {
    if (url.startsWith("/api/flows/counts"))
      return Response.json({ count: 3, capped: false, searched_to: null })
    asked_for.push(url)
    const { parts, breaks } = answers[asked_for.length - 1] ?? { parts: [] }
    const body = new ReadableStream({
      async start(controller) {
        for (const part of parts) {
          controller.enqueue(new TextEncoder().encode(part))
          await new Promise((resolve) => setTimeout(resolve))
        }
        if (breaks) controller.error(new TypeError("network error"))
        else controller.close()
      },
    })
    return new Response(body, { headers: { "content-disposition": 'attachment; filename="flows.jsonl"' } })
  })
  return asked_for
}

function only(): Export {
  const [item, ...others] = useExports.getState().items
  if (!item || others.length > 0) throw new Error("not one export")
  return item
}

test("an export that breaks in the middle of a flow goes on behind the last whole one", async () => {
  const urls = answering(
    { parts: [line(0), line(1), line(2).slice(0, 30)], breaks: true },
    { parts: [line(2).slice(0, 9), `${line(2).slice(9)}#flows`, " 1\n"] },
  )
  await begin(asked, "ann")
  expect(wordsOf(only())).toBe("Stopped after 2 of 3 flows: the connection was lost.")
  expect(only().bytes).toBe(new TextEncoder().encode(line(0) + line(1)).length)
  await goOn(only())
  expect(wordsOf(only())).toBe("3 flows exported")
  expect(await saved[0]?.text).toBe(line(0) + line(1) + line(2))
  expect(saved[0]?.name).toBe("flows.jsonl")
  expect(urls.map((url) => new URL(url, "http://test").searchParams.get("after"))).toEqual([null, ids[1]])
})

test("a stream that ends without its last line was cut off, however well it ended", async () => {
  answering({ parts: [line(0), line(1), line(2)] })
  await begin(asked, "ann")
  expect(wordsOf(only())).toBe("Stopped after 3 of 3 flows: the connection was lost.")
  expect(saved).toEqual([])
})

test("what is stopped stays and what was not begun goes away, also with whoever is next", async () => {
  answering({ parts: [line(0), line(1).slice(0, 5)], breaks: true }, { parts: [], breaks: true })
  await begin(asked, "ann")
  const going = goOn(only())
  stop(only())
  await going
  expect(wordsOf(only())).toBe("Stopped after 1 of 3 flows.")
  await begin(asked, "bob")
  expect(only().user_id).toBe("bob")
  stop(only())
  expect(useExports.getState().items).toEqual([])
})

test("a refusal is said in its own words and is not tried again", async () => {
  const detail = "Your role does not allow this."
  vi.stubGlobal("fetch", async () => Response.json({ code: "forbidden", detail }, { status: 403 }))
  await begin(asked, "ann")
  expect(only()).toMatchObject({ state: "stopped", refused: true, total: null })
  expect(wordsOf(only())).toBe(`Not exported. ${detail}`)
})

test("whoever signs out leaves nothing behind, and whose session ran out finds it again", async () => {
  answering({ parts: [line(0)] }, { parts: [line(0)] })
  useSession.setState({ signed_in: true, expired: false })
  await begin(asked, "ann")
  markExpired()
  clearSession()
  expect(only().flows).toBe(1)
  useSession.setState({ signed_in: true })
  clearSession()
  expect(useExports.getState().items).toEqual([])
})
