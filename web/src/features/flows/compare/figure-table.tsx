/** Figures of two sides, and how far they are apart. */
import { useCredits } from "@/api/credits"
import { count } from "@/lib/format"
import { duration } from "@/lib/time"
import type { Figures } from "./differences"

const often = 5

type ShownFigures = Omit<Figures, "duration_ms"> & { duration_ms: number | null }

interface FigureTableProps {
  names: [string, string]
  a: ShownFigures
  b: ShownFigures
  /** What the time is of. */
  time?: string
}

export function FigureTable({ names, a, b, time = "Time" }: FigureTableProps) {
  const credits = useCredits()
  const rows: [string, number | null, number | null, (n: number) => string][] = [
    [time, a.duration_ms, b.duration_ms, duration],
    ["Calls", a.tool_calls, b.tool_calls, count],
    ["Input tokens", a.input_tokens, b.input_tokens, count],
    ["Output tokens", a.output_tokens, b.output_tokens, count],
    ["Credits", a.cost_micros, b.cost_micros, credits],
  ]
  return (
    <div className="overflow-x-auto rounded border bg-surface">
      <table className="w-full text-xs">
        <thead>
          <tr className="border-b text-left text-fg-3">
            <th className="px-3 py-1.5 font-medium">Figure</th>
            {names.map((name) => (
              <th key={name} className="px-3 py-1.5 text-right font-medium">
                {name}
              </th>
            ))}
            <th className="px-3 py-1.5 text-right font-medium">Difference</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([title, left, right, words]) => (
            <tr key={title} className="border-b last:border-b-0">
              <th scope="row" className="px-3 py-1.5 text-left font-normal text-fg-2">
                {title}
              </th>
              <td className="tabular px-3 py-1.5 text-right">{left === null ? "none" : words(left)}</td>
              <td className="tabular px-3 py-1.5 text-right">{right === null ? "none" : words(right)}</td>
              <td className="tabular px-3 py-1.5 text-right text-fg-2">{apart(left, right, words)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function apart(left: number | null, right: number | null, words: (n: number) => string): string {
  if (left === null || right === null) return ""
  if (left === right) return "same"
  const sign = right > left ? "+" : "\u2212"
  return `${sign}${words(Math.abs(right - left))}${inShares(left, right, sign)}`
}

/** "(+12 %)", and "(40 times)" where a share says little. */
function inShares(left: number, right: number, sign: string): string {
  if (left <= 0) return ""
  if (right / left >= often) return ` (${count(Math.round(right / left))} times)`
  return ` (${sign}${Math.round((Math.abs(right - left) / left) * 100)} %)`
}
