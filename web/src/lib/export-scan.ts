/** Reads along in an export as its bytes come: which flows are whole, where the last one ends, whether it is whole. */

export type ExportForm = "jsonl" | "json" | "csv" | "html"

const newline = 10
const quote = 34
const told_by = 120
/** How a line begins that is a flow, in each form. */
const flow_line =
  /^(?:,?|<script type="application\/json" class="flow">)(?:\{"flow_id":")?([0-9a-f-]{36})[",]/
/** The last line, which is no part of the file. */
const tally_line = /^#flows (\d+)$/

export class ExportScan {
  /** Flows that have come as a whole, also before it went on. */
  flows = 0
  /** The last of them, behind which to go on. */
  last: string | null = null
  /** Where the last of them ends; once the tally has come, where the file does. */
  kept_bytes = 0
  /** Whether the file has come to its end, with as many flows as were told. */
  whole = false
  private readonly quotes: boolean
  private size_bytes = 0
  private line_bytes = 0
  private head = ""
  private quoted = false
  private begun_with = 0

  constructor(form: ExportForm) {
    this.quotes = form === "csv"
  }

  take(chunk: Uint8Array) {
    let from = 0
    for (;;) {
      const found = chunk.indexOf(newline, from)
      this.read(chunk.subarray(from, found < 0 ? undefined : found))
      if (found < 0) break
      from = found + 1
      if (!this.quoted) this.end(this.size_bytes + from)
    }
    this.size_bytes += chunk.length
  }

  /** Forgets what came behind the last whole flow: what comes next follows on that. */
  back() {
    this.size_bytes = this.kept_bytes
    this.line_bytes = this.kept_bytes
    this.head = ""
    this.quoted = false
    this.begun_with = this.flows
  }

  private read(part: Uint8Array) {
    const room = told_by - this.head.length
    if (room > 0) this.head += String.fromCharCode(...part.subarray(0, room))
    if (!this.quotes) return
    for (const byte of part) if (byte === quote) this.quoted = !this.quoted
  }

  private end(at_bytes: number) {
    const flow = flow_line.exec(this.head)
    const tally = tally_line.exec(this.head)
    if (flow?.[1]) {
      this.flows += 1
      this.last = flow[1]
      this.kept_bytes = at_bytes
    } else if (tally) {
      this.whole = Number(tally[1]) === this.flows - this.begun_with
      if (this.whole) this.kept_bytes = this.line_bytes
    }
    this.line_bytes = at_bytes
    this.head = ""
  }
}
