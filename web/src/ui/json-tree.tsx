/** Large JSON for reading: lines are made only where it is open and drawn only near the window; search walks the matches. */
import { useVirtualizer } from "@tanstack/react-virtual"
import { ChevronDown, ChevronRight, ChevronUp } from "lucide-react"
import { type KeyboardEvent, useDeferredValue, useEffect, useMemo, useRef, useState } from "react"
import { IconButton } from "./button"
import { cn } from "./cn"
import { CopyButton } from "./copy"
import { Icon } from "./icon"
import { SearchInput } from "./input"
import { type JsonLine, type JsonMatch, linesOf, matchesIn } from "./json-lines"
import { isBranch, type Json, leafText, summary } from "./json-model"

const line_px = 24
const most_matches = 1_000
const longest_value = 600

interface JsonTreeProps {
  value: Json
  label: string
  /** How many levels start open. */
  open?: number
}

export function JsonTree({ value, label, open = 1 }: JsonTreeProps) {
  const [choices, setChoices] = useState<ReadonlyMap<string, boolean>>(new Map())
  const search = useMatches(value)
  const above = search.current?.above
  const lines = useMemo(() => {
    const forced = new Set(above)
    return linesOf(value, (path, depth) => forced.has(path) || (choices.get(path) ?? depth < open))
  }, [value, choices, above, open])
  const marked = search.current?.path ?? null
  const toggle = (line: JsonLine) => setChoices(new Map(choices).set(line.path, !line.open))
  return (
    <section aria-label={label} className="min-w-0 rounded border bg-sunken">
      <header className="flex flex-wrap items-center gap-2 border-b p-1.5">
        <SearchInput
          value={search.text}
          onValue={search.setText}
          onKeyDown={search.onKeyDown}
          label={`Search in ${label}`}
          className="min-w-0 flex-1 basis-40"
        />
        {search.text && <Found search={search} />}
        <CopyButton value={() => JSON.stringify(value, null, 2)} label={`Copy ${label}`} />
      </header>
      <Lines lines={lines} marked={marked} text={search.text} onToggle={toggle} />
    </section>
  )
}

function useMatches(value: Json) {
  const [text, setText] = useState("")
  const [at, setAt] = useState(0)
  const asked = useDeferredValue(text)
  const matches = useMemo<JsonMatch[]>(() => matchesIn(value, asked, most_matches), [value, asked])
  const go = (by: number) => matches.length > 0 && setAt((at + by + matches.length) % matches.length)
  return {
    text,
    at,
    n: matches.length,
    go,
    current: matches[Math.min(at, matches.length - 1)],
    setText: (next: string) => {
      setText(next)
      setAt(0)
    },
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === "Enter") go(event.shiftKey ? -1 : 1)
    },
  }
}

function Found({ search: { n, at, go } }: { search: ReturnType<typeof useMatches> }) {
  return (
    <span role="status" className="tabular inline-flex items-center gap-1 text-fg-2 text-xs">
      {n === 0 ? "No match" : `${at + 1} of ${n}${n === most_matches ? "+" : ""}`}
      {n > 1 && (
        <>
          <IconButton icon={ChevronUp} label="Match before" size="sm" onClick={() => go(-1)} />
          <IconButton
            icon={ChevronDown}
            label="Next match"
            shortcut="Enter"
            size="sm"
            onClick={() => go(1)}
          />
        </>
      )}
    </span>
  )
}

interface LinesProps {
  lines: readonly JsonLine[]
  marked: string | null
  text: string
  onToggle: (line: JsonLine) => void
}

function Lines({ lines, marked, text, onToggle }: LinesProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => line_px,
    getItemKey: (index) => lines[index]?.path ?? index,
    overscan: 12,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another match moves the window
  useEffect(() => {
    const index = marked === null ? -1 : lines.findIndex((line) => line.path === marked)
    if (index >= 0) virtualizer.scrollToIndex(index, { align: "center" })
  }, [marked])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <div ref={scroller} tabIndex={0} className="max-h-[70vh] overflow-auto p-2 font-mono text-xs leading-6">
      <ul className="relative" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, key, start }) => (
          <li
            key={key}
            data-index={index}
            ref={virtualizer.measureElement}
            style={{ top: start }}
            className="absolute inset-x-0"
          >
            <Line
              line={lines[index] as JsonLine}
              marked={lines[index]?.path === marked}
              text={text}
              onToggle={onToggle}
            />
          </li>
        ))}
      </ul>
    </div>
  )
}

interface LineProps {
  line: JsonLine
  marked: boolean
  text: string
  onToggle: (line: JsonLine) => void
}

function Line({ line, marked, text, onToggle }: LineProps) {
  const { key, path, depth, value, open } = line
  return (
    <div
      style={{ paddingLeft: depth * 14 }}
      className={cn(
        "group/line flex min-w-0 items-start gap-1 rounded-xs hover:bg-hover",
        marked && "bg-warn-soft",
      )}
    >
      {open === null ? (
        <span className="min-w-0 whitespace-pre-wrap break-words pl-4">
          {key && <Key name={key} text={text} />} <Leaf value={value} text={text} />
        </span>
      ) : (
        <button
          type="button"
          aria-expanded={open}
          onClick={() => onToggle(line)}
          className="flex min-h-6 min-w-0 items-center gap-1 text-left"
        >
          <Icon of={ChevronRight} size={12} className={cn("text-fg-3", open && "rotate-90")} />
          <Key name={key} text={text} />
          {!open && isBranch(value) && <span className="text-fg-3">{glance(value)}</span>}
        </button>
      )}
      <span className="ml-auto [&_button]:size-5 opacity-0 focus-within:opacity-100 group-hover/line:opacity-100">
        <CopyButton value={path} label={`Copy path ${path}`} />
      </span>
    </div>
  )
}

/** A folded object that says its kind says more than the number of its keys. */
function glance(value: Json[] | { [key: string]: Json }): string {
  const kind = Array.isArray(value) ? null : value.kind
  return typeof kind === "string" ? `${kind}, ${summary(value)}` : summary(value)
}

function Key({ name, text }: { name: string; text: string }) {
  return (
    <span className="min-w-0 break-all text-kind-tool">
      <Marked words={name} text={text} />
      <span className="text-fg-3">:</span>
    </span>
  )
}

function Leaf({ value, text }: { value: Json; text: string }) {
  const [all, setAll] = useState(false)
  if (isBranch(value)) return <span className="text-fg-3">{Array.isArray(value) ? "[ ]" : "{ }"}</span>
  const words = leafText(value)
  const cut = !all && words.length > longest_value
  const tones: Record<string, string> = { string: "text-kind-access", number: "text-kind-security" }
  return (
    <span className={tones[typeof value] ?? "text-kind-block"}>
      <Marked words={cut ? words.slice(0, longest_value) : words} text={text} />
      {cut && (
        <button type="button" onClick={() => setAll(true)} className="ml-1 text-accent-text hover:underline">
          {words.length - longest_value} more characters
        </button>
      )}
    </span>
  )
}

function Marked({ words, text }: { words: string; text: string }) {
  const at = text ? words.toLowerCase().indexOf(text.toLowerCase()) : -1
  if (at < 0) return words
  return (
    <>
      {words.slice(0, at)}
      <mark className="rounded-xs bg-warn-soft text-warn">{words.slice(at, at + text.length)}</mark>
      {words.slice(at + text.length)}
    </>
  )
}
