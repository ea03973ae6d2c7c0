/** The forms in which something can be taken out, each with what it is good for; the browser downloads it. */
import { Download } from "lucide-react"
import { Button } from "./button"
import { Menu, MenuContent, MenuItem, MenuLabel, MenuTrigger } from "./menu"

const forms = [
  { value: "jsonl", label: "JSON lines", words: "one flow a line, for programs" },
  { value: "json", label: "Bundle with proof", words: "to be imported or proven elsewhere" },
  { value: "csv", label: "Table", words: "one flow a row, without its steps" },
  { value: "html", label: "Replay", words: "a page that plays the flows back" },
] as const

interface ExportMenuProps {
  /** What is taken out, as parameters of the export. */
  query: Record<string, string>
  /** What that is, in words. */
  what: string
  size?: "sm" | "md"
}

export function ExportMenu({ query, what, size }: ExportMenuProps) {
  return (
    <Menu>
      <MenuTrigger asChild>
        <Button icon={Download} size={size}>
          Export
        </Button>
      </MenuTrigger>
      <MenuContent align={size === "sm" ? "start" : "end"} className="w-72">
        <MenuLabel>Export {what}</MenuLabel>
        {forms.map(({ value, label, words }) => (
          <MenuItem key={value} asChild>
            <a
              href={`/api/insight/export/flows?${new URLSearchParams({ ...query, format: value })}`}
              download
            >
              <span className="flex flex-col">
                <span>{label}</span>
                <span className="text-fg-2 text-xs">{words}</span>
              </span>
            </a>
          </MenuItem>
        ))}
      </MenuContent>
    </Menu>
  )
}
