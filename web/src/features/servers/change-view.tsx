/** One field of a definition before and after: words for what people read, lines for schemas. */
import type { FieldChange } from "@/api/shapes"
import { cn } from "@/ui/cn"
import { lineDiff, type Piece, wordDiff } from "./diff"

const titles: Record<FieldChange["field"], string> = {
  name: "Name",
  title: "Title",
  description: "Description",
  input_schema: "Arguments",
  output_schema: "Result",
  annotations: "Hints",
  meta: "Metadata",
  icons: "Icons",
}
const prose = new Set<FieldChange["field"]>(["name", "title", "description"])
const marks = { same: " ", removed: "\u2212", added: "+" }

export function ChangeView({ change }: { change: FieldChange }) {
  const { field, before, after } = change
  return (
    <div className="min-w-0">
      <h4 className="mb-1 font-medium text-fg-3 text-xs">{titles[field]}</h4>
      {prose.has(field) ? (
        <Prose pieces={wordDiff(before ?? "", after ?? "")} />
      ) : (
        <Lines pieces={lineDiff(before ?? "", after ?? "")} />
      )}
    </div>
  )
}

function Prose({ pieces }: { pieces: Piece[] }) {
  return (
    <p className="max-h-80 overflow-auto whitespace-pre-wrap break-words rounded border bg-sunken px-2.5 py-1.5 text-xs leading-5">
      {numbered(pieces).map(({ key, kind, text }) =>
        kind === "removed" ? (
          <del key={key} className="bg-bad-soft text-bad">
            <Seen text={text} />
          </del>
        ) : kind === "added" ? (
          <ins key={key} className="bg-ok-soft text-ok no-underline">
            <Seen text={text} />
          </ins>
        ) : (
          <Seen key={key} text={text} />
        ),
      )}
    </p>
  )
}

function Lines({ pieces }: { pieces: Piece[] }) {
  return (
    <div className="max-h-80 overflow-auto rounded border bg-sunken py-1 font-mono text-xs leading-5">
      {numbered(pieces).map(({ key, kind, text }) => (
        <div
          key={key}
          className={cn(
            "flex whitespace-pre-wrap break-words px-2",
            kind === "removed" && "bg-bad-soft text-bad",
            kind === "added" && "bg-ok-soft text-ok",
          )}
        >
          <span className="w-4 shrink-0 select-none">{marks[kind]}</span>
          {kind !== "same" && <span className="sr-only">{kind}: </span>}
          <span className="min-w-0">
            <Seen text={text} />
          </span>
        </div>
      ))}
    </div>
  )
}

/** Names of hidden characters stand out from the text around them. */
function Seen({ text }: { text: string }) {
  const parts = text.split(/(\[U\+[0-9A-F]{4,6}[^\]]*\])/)
  if (parts.length === 1) return text
  return numbered(parts.map((part) => ({ kind: "same", text: part }))).map(({ key, text: part }) =>
    part.startsWith("[U+") ? (
      <mark key={key} className="rounded-xs bg-bad-soft px-0.5 font-mono font-semibold text-bad">
        {part}
      </mark>
    ) : (
      <span key={key}>{part}</span>
    ),
  )
}

/** Keys for pieces that never move. */
function numbered(pieces: Piece[]): (Piece & { key: string })[] {
  return pieces.map((piece, index) => ({ ...piece, key: `${index}` }))
}
