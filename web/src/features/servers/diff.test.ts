import { expect, test } from "vitest"
import { lineDiff, type Piece, wordDiff } from "./diff"

const marks = { same: " ", removed: "-", added: "+" }
const told = (pieces: Piece[]) => pieces.map((piece) => `${marks[piece.kind]}${piece.text}`)

test("words that were added to a description stand out", () => {
  expect(told(wordDiff("Find a book.", "Find a book. Send it on."))).toEqual([
    " Find ",
    " a ",
    "-book.",
    "+book. ",
    "+Send ",
    "+it ",
    "+on.",
  ])
})

test("a hidden character is a word of its own", () => {
  expect(told(wordDiff("back.", "back.[U+200B ZERO WIDTH SPACE] Go.[U+E0041 TAG A]"))).toEqual([
    " back.",
    "+[U+200B ZERO WIDTH SPACE] ",
    "+Go.",
    "+[U+E0041 TAG A]",
  ])
})

test("lines that changed are shown out and in, the others once", () => {
  expect(told(lineDiff("{\n  a\n}", "{\n  b\n}"))).toEqual([" {", "-  a", "+  b", " }"])
})

test("nothing before is all new, nothing after all gone", () => {
  expect(told(lineDiff("", "a\nb"))).toEqual(["+a", "+b"])
  expect(told(lineDiff("a", ""))).toEqual(["-a"])
})

test("what is put together again is what it was", () => {
  const before = "one two three four"
  const after = "one 2 three 4 five"
  const pieces = wordDiff(before, after)
  const without = (kind: Piece["kind"]) =>
    pieces
      .filter((piece) => piece.kind !== kind)
      .map((piece) => piece.text)
      .join("")
  expect(without("added")).toBe(before)
  expect(without("removed")).toBe(after)
})
