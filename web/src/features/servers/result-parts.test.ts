import { expect, test } from "vitest"
import type { JsonValue } from "@/api/shapes"
import { partsOf } from "./result-parts"

test("texts, links and what resources hold are read one below the other, pictures are shown", () => {
  const content: JsonValue[] = [
    { type: "text", text: "Here:" },
    { type: "image", mimeType: "image/png", data: "AAAA" },
    { type: "resource_link", uri: "desk://queue", name: "queue" },
    { type: "resource", resource: { uri: "desk://1", text: "twelve" } },
  ]
  expect(partsOf({ content })).toEqual({
    text: "Here:\ndesk://queue\ntwelve",
    pictures: [{ key: "1", source: "data:image/png;base64,AAAA" }],
  })
})

test("a picture that may hold a program is not shown", () => {
  expect(partsOf({ content: [{ type: "image", mimeType: "image/svg+xml", data: "AAAA" }] })).toEqual({
    text: null,
    pictures: [],
  })
  expect(partsOf(null)).toEqual({ text: null, pictures: [] })
})
