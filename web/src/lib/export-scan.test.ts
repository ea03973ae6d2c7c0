import { expect, test } from "vitest"
import { type ExportForm, ExportScan } from "./export-scan"

const ids = [1, 2, 3].map((n) => `01a20810-6a9b-7b79-b2f5-2cf82ee51ef${n}`)
const flow = (id: string) => `{"flow_id":"${id}","title":"caf\u00e9 #flows 3","checkpoints":[]}`
const mark = '<script type="application/json" class="flow">'
const files: Record<ExportForm, string> = {
  jsonl: ids.map((id) => `${flow(id)}\n`).join(""),
  json: `{"omni2_bundle":1,"flows":[\n${ids.map(flow).join("\n,")}\n],"links":[{"n":1},\n{"n":2}],"public_keys":[]}\n`,
  csv: `flow_id,title\r\n${ids.map((id) => `${id},"a ""b""\n#flows 3\n${ids[0]},"\r\n`).join("")}`,
  html: `<html>\n<script>let a\n</script>\n${ids.map((id) => `${mark}${flow(id)}</script>\n`).join("")}</html>\n`,
}
const bytes = (text: string) => new TextEncoder().encode(text)

/** Returns what reading this in parts of `size` tells. */
function read(form: ExportForm, file: Uint8Array, size: number): ExportScan {
  const scan = new ExportScan(form)
  for (let at = 0; at < file.length; at += size) scan.take(file.subarray(at, at + size))
  return scan
}

test.each(Object.keys(files) as ExportForm[])(
  "a file as %s is whole with its last line, which is no part of it",
  (form) => {
    const file = bytes(files[form])
    for (const size of [1, 7, 100_000]) {
      const { flows, last, whole, kept_bytes } = read(form, bytes(`${files[form]}#flows 3\n`), size)
      expect({ flows, last, whole, kept_bytes }).toEqual({
        flows: 3,
        last: ids[2],
        whole: true,
        kept_bytes: file.length,
      })
    }
    expect(read(form, file, 100_000).whole).toBe(false)
    expect(read(form, bytes(`${files[form]}#flows 4\n`), 100_000).whole).toBe(false)
  },
)

test.each(Object.keys(files) as ExportForm[])(
  "cut off anywhere, a file as %s goes on behind its last whole flow",
  (form) => {
    const file = bytes(files[form])
    const ends = [...Array(file.length + 1).keys()].filter(
      (at) => read(form, file.subarray(0, at), 1_000).kept_bytes === at,
    )
    expect(ends).toHaveLength(4)
    for (let at = 0; at <= file.length; at += 1) {
      const scan = read(form, file.subarray(0, at), 50)
      expect(scan.kept_bytes).toBe(ends.filter((end) => end <= at).at(-1))
      expect(scan.last).toBe(ids[scan.flows - 1] ?? null)
      scan.back()
      const left = 3 - scan.flows
      const rest = file.subarray(scan.kept_bytes)
      scan.take(rest)
      scan.take(bytes(`#flows ${left}\n`))
      expect([scan.flows, scan.whole, scan.kept_bytes]).toEqual([3, true, file.length])
    }
  },
)
