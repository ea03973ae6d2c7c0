import { QueryObserver } from "@tanstack/react-query"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { checkpointsQuery, isWhole } from "./flows"
import { keys } from "./keys"
import { makeQueryClient } from "./query-client"
import type { Checkpoint, FlowRow } from "./shapes"

const steps = 1_200
const row = { flow_id: "f", status: "ok", steps } as FlowRow
const answers: { after: number; answer: () => void }[] = []

/** The page behind a step: what is asked for waits until it is answered. */
beforeEach(() => {
  answers.length = 0
  vi.stubGlobal("fetch", (url: string) => {
    const after = Number(new URL(url, "http://here").searchParams.get("after"))
    const seqs = Array.from({ length: Math.min(500, Math.max(0, steps - after)) }, (_, i) => after + i + 1)
    const items = seqs.map((seq) => ({ seq, kind: seq === steps ? "done" : "tool_call" }))
    const next = after + 500 < steps ? String(after + 500) : null
    return new Promise((resolve) => {
      answers.push({ after, answer: () => resolve(Response.json({ items, next })) })
    })
  })
})

const client = makeQueryClient()
afterEach(() => client.clear())

test("the first page of a long flow is shown while the others are on their way", async () => {
  client.setQueryData(keys.flows.one("f"), row)
  const seen: number[] = []
  const stop = new QueryObserver<Checkpoint[]>(client, checkpointsQuery("f") as never).subscribe(
    ({ data }) => {
      if (data) seen.push(data.length)
    },
  )
  await vi.waitFor(() => expect(answers.map(({ after }) => after)).toEqual([0]))
  answers[0]?.answer()
  await vi.waitFor(() => expect(answers.map(({ after }) => after)).toEqual([0, 500, 1_000]))
  const first = client.getQueryData<Checkpoint[]>(keys.flows.checkpoints("f")) ?? []
  expect([first.length, isWhole(row, first)]).toEqual([500, false])
  for (const { answer } of answers.slice(1)) answer()
  await vi.waitFor(() => expect(seen.at(-1)).toBe(steps))
  const all = client.getQueryData<Checkpoint[]>(keys.flows.checkpoints("f")) ?? []
  expect(isWhole(row, all)).toBe(true)
  expect(all.map(({ seq }) => seq)).toEqual(Array.from({ length: steps }, (_, i) => i + 1))
  stop()
})
