import { expect, test } from "vitest"
import { type Column, nextSort, sorted } from "./table-model"

const columns: Column<{ n: number | null }>[] = [
  { key: "n", title: "N", cell: () => null, sort: (row) => row.n },
]
const rows = [{ n: 10 }, { n: null }, { n: 9 }]

test("numbers sort as numbers and what is unknown comes last", () => {
  expect(sorted(rows, columns, { key: "n", descending: false }).map((row) => row.n)).toEqual([9, 10, null])
})

test("a table without a sort keeps the order it was given", () => {
  expect(sorted(rows, columns, null)).toBe(rows)
})

test("clicking a head goes up, down, then back to the given order", () => {
  const up = nextSort(null, "n")
  const down = nextSort(up, "n")
  expect(up).toEqual({ key: "n", descending: false })
  expect(down).toEqual({ key: "n", descending: true })
  expect(nextSort(down, "n")).toBeNull()
})
