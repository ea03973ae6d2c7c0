import { expect, test } from "vitest"
import { endingsOf } from "./monitored-person"

const through = { team_id: "t", name: "Support" }

test("who is monitored only through a team is let go by ending that of the team", () => {
  expect(endingsOf({ user_id: "u", own: false, through })).toEqual([
    { words: "End monitoring of team Support", whom: { team_id: "t" } },
  ])
})

test("who is monitored both ways has both to end, and who is on their own one", () => {
  expect(endingsOf({ user_id: "u", own: true, through }).map(({ words }) => words)).toEqual([
    "End their own monitoring",
    "End monitoring of team Support",
  ])
  expect(endingsOf({ user_id: "u", own: true, through: null })).toEqual([
    { words: "End monitoring", whom: { user_id: "u" } },
  ])
})
