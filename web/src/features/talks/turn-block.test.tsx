import { renderToStaticMarkup } from "react-dom/server"
import { expect, test } from "vitest"
import type { CallStatus, MessageView } from "@/api/types"
import { TurnBlock } from "./turn-block"

const called = (status: CallStatus): MessageView => ({
  message_id: status,
  kind: "tool",
  flow_id: "f",
  text: "",
  created_at: "2026-11-22T14:02:00Z",
  call: {
    call_id: "c",
    server: "shop",
    tool: "stock",
    title: null,
    arguments: {},
    status,
    preview: "No such product",
    duration_ms: 3,
    rule: null,
  },
  turn: null,
})
const all: CallStatus[] = ["ok", "tool_error", "upstream_error", "timeout", "cancelled", "denied", "unknown"]

test("what came of each call of a turn is words with an icon", () => {
  const turn = { key: "t", flow_id: "f", question: null, calls: all.map(called), answers: [] }
  const shown = renderToStaticMarkup(<TurnBlock turn={turn} flow={undefined} words={(text) => text} />)
  for (const words of ["Done", "Tool error", "Server error", "Timed out", "Stopped", "Denied", "Unknown"])
    expect(shown).toMatch(new RegExp(`</svg>${words}<`))
})
