import { expect, test } from "vitest"
import { ageGroups } from "./age-groups"

const now = new Date(2026, 10, 22, 9, 0)
const at = (day: number, hour: number) => ({
  conversation_id: `${day}-${hour}`,
  title: "",
  created_at: "",
  updated_at: new Date(2026, 10, day, hour).toISOString(),
  running_flow_id: null,
})

test("conversations are grouped by calendar days, not by hours passed", () => {
  const groups = ageGroups([at(22, 8), at(21, 23), at(21, 1), at(17, 12), at(2, 12)], now)
  expect(groups.map((group) => [group.title, group.items.length])).toEqual([
    ["Today", 1],
    ["Yesterday", 2],
    ["This week", 1],
    ["Older", 1],
  ])
})
