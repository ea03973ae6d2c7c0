import { expect, test } from "vitest"
import { compareSearch, playbackSearch, twoFlows } from "./compare-search"

test("three dots between two flows ask for their difference", () => {
  expect(twoFlows("0192a-1...0192a-2")).toEqual(["0192a-1", "0192a-2"])
  for (const id of ["0192a-1", "0192a-1...", "...x", "a...b...c"]) expect(twoFlows(id)).toBeNull()
})

test("people and time are kept, all else is dropped", () => {
  expect(compareSearch({ a: "u1", b: "u2", since: "2026-11-22T00:00:00Z", until: 3, x: "y" })).toEqual({
    a: "u1",
    b: "u2",
    since: "2026-11-22T00:00:00Z",
  })
})

test("a playback names flows or a conversation, and where it stands", () => {
  expect(playbackSearch({ flows: "a,b", t: 1200, conversation: "" })).toEqual({ flows: "a,b", t: 1200 })
  expect(playbackSearch({ conversation: "c", t: "x" })).toEqual({ conversation: "c" })
})
