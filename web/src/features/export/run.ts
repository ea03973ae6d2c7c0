/** Runs exports: takes them in as parts that the browser may put on its disk, cuts them at a whole flow, saves them. */
import { api } from "@/api/client"
import type { FlowCounts } from "@/api/history"
import { Problem, problemWords } from "@/api/problem"
import { useSession } from "@/api/session"
import { type ExportForm, ExportScan } from "@/lib/export-scan"
import type { ExportAsked } from "@/ui/export"
import { type Export, useExports } from "./store"
import { lost } from "./words"

const path = "/api/insight/export/flows"
const told_every_ms = 150
/** The answers that would be the same once more. */
const refusals = [403, 404, 422]
/** What ends a file that was cut off; its proof is what a bundle lacks then. */
const ends: Record<ExportForm, string> = {
  jsonl: "",
  csv: "",
  html: "</body>\n</html>\n",
  json: '],"links":[],"public_keys":[]}\n',
}

interface Run {
  scan: ExportScan
  /** What came, in order. */
  parts: Blob[]
  stop: AbortController
  name: string
}

const runs = new Map<number, Run>()
let latest = 0

/** Starts an export; those that are done make way for it. */
export function begin(asked: ExportAsked, user_id: string) {
  for (const item of useExports.getState().items)
    if (item.state === "done" || item.user_id !== user_id) discard(item.id)
  latest += 1
  const id = latest
  const name = `omni2-flows.${asked.form}`
  runs.set(id, { scan: new ExportScan(asked.form), parts: [], stop: new AbortController(), name })
  const fresh = { flows: 0, bytes: 0, total: null, reason: null, refused: false }
  const item: Export = { ...asked, id, user_id, state: "going", ...fresh }
  useExports.setState(({ items }) => ({ items: [...items, item] }))
  void countAll(item)
  return go(item)
}

/** Goes on behind the last whole flow, or begins anew when there is none. */
export function goOn(item: Export) {
  const run = runs.get(item.id)
  if (!run) return
  run.stop = new AbortController()
  change(item.id, { state: "going", reason: null })
  return go(item)
}

/** Stops it, so that it can go on or be saved as far as it is; before its first flow it goes away. */
export function stop({ id, flows }: Export) {
  if (flows === 0) discard(id)
  else runs.get(id)?.stop.abort()
}

export function discard(id: number) {
  runs.get(id)?.stop.abort()
  runs.delete(id)
  useExports.setState(({ items }) => ({ items: items.filter((item) => item.id !== id) }))
}

/** Saves the file, or what is there of it up to its last whole flow. */
export function save({ id, form, state }: Export) {
  const run = runs.get(id)
  if (!run) return
  const part = state !== "done"
  const url = URL.createObjectURL(new Blob(part ? [...run.parts, ends[form]] : run.parts))
  const link = document.createElement("a")
  link.href = url
  link.download = part ? run.name.replace(/\.(\w+)$/, "-part.$1") : run.name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

async function go(item: Export) {
  const run = runs.get(item.id)
  if (!run) return
  try {
    await receive(item, run)
    if (!run.scan.whole) throw new TypeError("ended too early")
    cut(run)
    change(item.id, { state: "done", ...figures(run) })
    if (run.scan.flows > 0) save({ ...item, state: "done" })
  } catch (thrown) {
    cut(run)
    run.scan.back()
    const refused = thrown instanceof Problem && refusals.includes(thrown.status)
    change(item.id, { state: "stopped", refused, reason: reasonOf(thrown, run), ...figures(run) })
  }
}

async function receive({ id, form, query }: Export, run: Run) {
  const { scan, stop } = run
  const asked = { ...query, format: form, tally: true, after: scan.last }
  const response = await api.open(path, asked, stop.signal)
  if (scan.last === null) run.name = nameIn(response) ?? run.name
  let gathered: Uint8Array<ArrayBuffer>[] = []
  let told_at = 0
  try {
    for await (const chunk of chunksOf(response)) {
      scan.take(chunk)
      gathered.push(chunk)
      if (performance.now() - told_at < told_every_ms) continue
      told_at = performance.now()
      run.parts.push(new Blob(gathered))
      gathered = []
      change(id, figures(run))
    }
  } finally {
    run.parts.push(new Blob(gathered))
  }
}

/** Not every browser goes through a stream by itself. */
async function* chunksOf(response: Response) {
  const reader = response.body?.getReader()
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true }
    if (done || !value) return
    yield value
  }
}

function nameIn(response: Response): string | undefined {
  return /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1]
}

/** Lets go of what is no part of the file, or of a flow that did not come as a whole. */
function cut(run: Run) {
  run.parts = [new Blob(run.parts).slice(0, run.scan.kept_bytes)]
}

function figures({ scan }: Run): Partial<Export> {
  return { flows: scan.flows, bytes: scan.kept_bytes }
}

function reasonOf(thrown: unknown, run: Run): string | null {
  if (run.stop.signal.aborted) return null
  return thrown instanceof Problem ? problemWords(thrown) : lost
}

/** Asks how many flows there are; it is no matter when nobody knows. */
async function countAll({ id, query }: Export) {
  const picked = query.flow?.split(",").length
  if (picked) return change(id, { total: { count: picked, more: false } })
  try {
    const { count, capped, searched_to } = await api.get<FlowCounts>("/api/flows/counts", query)
    change(id, { total: { count, more: capped || searched_to !== null } })
  } catch {
    return
  }
}

function change(id: number, made: Partial<Export>) {
  useExports.setState(({ items }) => ({
    items: items.map((item) => (item.id === id ? { ...item, ...made } : item)),
  }))
}

function discardAll() {
  for (const { id } of useExports.getState().items) discard(id)
}

/** Whoever signs out or is blocked leaves nothing here; whose session ran out finds it when they are back. */
useSession.subscribe((now, before) => {
  const left = before.signed_in && !now.signed_in && !before.expired
  if (left || now.blocked !== null) discardAll()
})

const stay = (event: Event) => event.preventDefault()

/** The browser asks before a tab is closed that would lose something. */
useExports.subscribe(({ items }) => {
  if (items.some(({ state }) => state !== "done")) addEventListener("beforeunload", stay)
  else removeEventListener("beforeunload", stay)
})
