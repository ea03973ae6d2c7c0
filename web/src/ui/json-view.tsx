/** JSON for reading: folds, searches, copies a value or its path; branches draw their children only when open. */
import { ChevronRight } from "lucide-react"
import { useMemo, useState } from "react"
import { cn } from "./cn"
import { CopyButton } from "./copy"
import { Icon } from "./icon"
import { SearchInput } from "./input"
import { type Entry, entriesOf, isBranch, type Json, leafText, pathsTo, summary } from "./json-model"

export type { Json } from "./json-model"

const page_size = 100
const search_from_chars = 400

interface JsonViewProps {
  value: Json
  /** How many levels start open. */
  open?: number
  label?: string
  className?: string
}

export function JsonView({ value, open = 2, label = "JSON", className }: JsonViewProps) {
  const [query, setQuery] = useState("")
  const whole = useMemo(() => JSON.stringify(value, null, 2), [value])
  const forced = useMemo(() => pathsTo(query, value), [query, value])
  return (
    <div className={cn("group/json relative rounded border bg-sunken", className)}>
      {whole.length > search_from_chars && (
        <SearchInput value={query} onValue={setQuery} label={`Search in ${label}`} className="m-1.5 mr-9" />
      )}
      <CopyButton value={whole} label={`Copy ${label}`} className="absolute top-1.5 right-1.5" />
      <div className="max-h-96 overflow-auto p-2 pr-8 font-mono text-xs leading-6">
        {isBranch(value) ? (
          <Children value={value} path="$" depth={0} view={{ open, query, forced }} />
        ) : (
          <Leaf value={value} query={query} />
        )}
      </div>
    </div>
  )
}

interface View {
  open: number
  query: string
  forced: Set<string>
}

interface ChildrenProps {
  value: Json[] | { [key: string]: Json }
  path: string
  depth: number
  view: View
}

function Children({ value, path, depth, view }: ChildrenProps) {
  const [shown, setShown] = useState(page_size)
  const entries = useMemo(() => entriesOf(value, path), [value, path])
  if (entries.length === 0) return <span className="text-fg-3">{Array.isArray(value) ? "[ ]" : "{ }"}</span>
  return (
    <ul className={depth > 0 ? "ml-[7px] border-l pl-2.5" : undefined}>
      {entries.slice(0, shown).map((entry) => (
        <Line key={entry.key} entry={entry} depth={depth} view={view} />
      ))}
      {entries.length > shown && (
        <li>
          <button
            type="button"
            className="text-accent-text hover:underline"
            onClick={() => setShown(shown + page_size)}
          >
            {entries.length - shown} more
          </button>
        </li>
      )}
    </ul>
  )
}

function Line({ entry, depth, view }: { entry: Entry; depth: number; view: View }) {
  const { key, path, value } = entry
  const [choice, setChoice] = useState<boolean | null>(null)
  const open = view.forced.has(path) || (choice ?? depth + 1 < view.open)
  const branch = isBranch(value) && Object.keys(value).length > 0 ? value : null
  return (
    <li>
      <div className="group/line -mx-1 flex items-start gap-1 rounded-xs px-1 hover:bg-hover">
        {branch ? (
          <button
            type="button"
            aria-expanded={open}
            onClick={() => setChoice(!open)}
            className="flex min-h-6 min-w-0 items-center gap-1 text-left"
          >
            <Icon
              of={ChevronRight}
              size={12}
              className={cn("text-fg-3 transition-transform", open && "rotate-90")}
            />
            <Key name={key} query={view.query} />
            {!open && <span className="text-fg-3">{summary(branch)}</span>}
          </button>
        ) : (
          <span className="min-w-0 break-words pl-4">
            <Key name={key} query={view.query} />{" "}
            {isBranch(value) ? (
              <span className="text-fg-3">{Array.isArray(value) ? "[ ]" : "{ }"}</span>
            ) : (
              <Leaf value={value} query={view.query} />
            )}
          </span>
        )}
        <span className="ml-auto [&_button]:size-5 opacity-0 focus-within:opacity-100 group-hover/line:opacity-100">
          <CopyButton value={path} label={`Copy path ${path}`} />
        </span>
      </div>
      {branch && open && <Children value={branch} path={path} depth={depth + 1} view={view} />}
    </li>
  )
}

function Key({ name, query }: { name: string; query: string }) {
  return (
    <span className="min-w-0 break-all text-kind-tool">
      <Marked text={name} query={query} />
      <span className="text-fg-3">:</span>
    </span>
  )
}

function Leaf({ value, query }: { value: null | boolean | number | string; query: string }) {
  const tone =
    typeof value === "string"
      ? "text-kind-access"
      : typeof value === "number"
        ? "text-kind-security"
        : "text-kind-block"
  return (
    <span className={cn("whitespace-pre-wrap break-words", tone)}>
      <Marked text={leafText(value)} query={query} />
    </span>
  )
}

function Marked({ text, query }: { text: string; query: string }) {
  const at = query ? text.toLowerCase().indexOf(query.toLowerCase()) : -1
  if (at < 0) return text
  return (
    <>
      {text.slice(0, at)}
      <mark className="rounded-xs bg-warn-soft text-warn">{text.slice(at, at + query.length)}</mark>
      {text.slice(at + query.length)}
    </>
  )
}
