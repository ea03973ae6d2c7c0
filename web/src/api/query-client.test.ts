import { QueryObserver } from "@tanstack/react-query"
import { expect, test } from "vitest"
import { makeQueryClient } from "./query-client"

interface Asked {
  answer: (value: string) => void
  signal: AbortSignal
}

function reading(asked: Asked[]) {
  return ({ signal }: { signal: AbortSignal }) =>
    new Promise<string>((resolve) => asked.push({ answer: resolve, signal }))
}

test("what changes while its first answer is on the way is read again", async () => {
  const client = makeQueryClient()
  const asked: Asked[] = []
  const observer = new QueryObserver(client, { queryKey: ["list", ""], queryFn: reading(asked) })
  const leave = observer.subscribe(() => undefined)
  const renewed = client.invalidateQueries({ queryKey: ["list"] })
  await expect.poll(() => asked.length).toBe(2)
  asked[0]?.answer("before")
  asked[1]?.answer("after")
  await renewed
  expect(asked[0]?.signal.aborted).toBe(true)
  expect(observer.getCurrentResult().data).toBe("after")
  expect(observer.getCurrentResult().isError).toBe(false)
  leave()
})

test("what is shown stays shown while it is read again", async () => {
  const client = makeQueryClient()
  const asked: Asked[] = []
  const observer = new QueryObserver(client, { queryKey: ["list", ""], queryFn: reading(asked) })
  const leave = observer.subscribe(() => undefined)
  asked[0]?.answer("first")
  await expect.poll(() => observer.getCurrentResult().data).toBe("first")
  const renewed = client.invalidateQueries({ queryKey: ["list"] })
  await expect.poll(() => asked.length).toBe(2)
  expect(observer.getCurrentResult().data).toBe("first")
  asked[1]?.answer("second")
  await renewed
  expect(observer.getCurrentResult().data).toBe("second")
  leave()
})
