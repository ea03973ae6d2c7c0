import { expect, test } from "vitest"
import { promptChips, resourceChips, toolChips } from "./access-chips"

test("prompts and resources of a snapshot are shown with the rule that decided, allowed ones first", () => {
  const prompts = promptChips({
    listed: [
      { server: "desk", prompt: "triage", rule: "no prompts", allowed: false },
      { server: "desk", prompt: "summary", rule: "everyone on desk", allowed: true },
    ],
    total: 2,
  })
  expect(prompts.map(({ words, note, tone }) => [words, note, tone])).toEqual([
    ["desk.summary", "decided by everyone on desk", "ok"],
    ["desk.triage", "decided by no prompts", "bad"],
  ])
  const [queue] = resourceChips({
    listed: [{ server: "desk", uri: "desk://queue", rule: "everyone", allowed: true }],
    total: 1,
  })
  expect(queue).toMatchObject({ words: "desk://queue", note: "decided by everyone at desk" })
})

test("what a snapshot only counts is said", () => {
  expect(promptChips({ listed: [], total: 1200 })).toMatchObject([{ words: "1,200 more" }])
  expect(resourceChips({ listed: [], total: 0 })).toEqual([])
})

test("tools are parted into the offered and the removed", () => {
  const tools = [{ server: "shop", tool: "buy", rule: "no buying", allowed: false }]
  expect(toolChips(tools, true)).toEqual([])
  expect(toolChips(tools, false)).toMatchObject([{ words: "shop.buy", tone: "bad" }])
})
