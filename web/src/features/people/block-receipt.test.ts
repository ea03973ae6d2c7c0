import { expect, test } from "vitest"
import type { BlockReceipt } from "@/api/shapes"
import { sentence } from "./block-receipt"

const receipt = {
  sockets_closed: 0,
  streams_cancelled: 0,
  turns_cancelled: 0,
  calls_cancelled: 0,
  sessions_ended: 0,
  tokens_suspended: 0,
  block: { scope: "everywhere" },
} as BlockReceipt

test("a receipt names only what was ended", () => {
  expect(sentence({ ...receipt, sockets_closed: 3, calls_cancelled: 1 })).toBe(
    "3 connections closed, 1 tool call cancelled. Nothing of theirs gets in or out now.",
  )
})

test("a receipt of a block that met nothing says so", () => {
  const chat = { ...receipt, block: { ...receipt.block, scope: "chat" } } as const
  expect(sentence(chat)).toBe("Nothing was running. Nothing of theirs gets in or out of chat now.")
})
