/** The forms in which something can be taken out, each with what it is good for. */
import { Download } from "lucide-react"
import { use } from "react"
import { Button } from "./button"
import { type ExportAsked, ExportContext } from "./export"
import { Menu, MenuContent, MenuItem, MenuLabel, MenuTrigger } from "./menu"

const forms = [
  { value: "jsonl", label: "JSON lines", words: "one flow a line, for programs" },
  { value: "json", label: "Bundle with proof", words: "to be imported or proven elsewhere" },
  { value: "csv", label: "Table", words: "one flow a row, without its steps" },
  { value: "html", label: "Replay", words: "a page that plays the flows back" },
] as const

interface ExportMenuProps extends Pick<ExportAsked, "query" | "what"> {
  size?: "sm" | "md"
}

export function ExportMenu({ query, what, size }: ExportMenuProps) {
  const start = use(ExportContext)
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
          <MenuItem key={value} onSelect={() => start({ form: value, label, query, what })}>
            <span className="flex flex-col">
              <span>{label}</span>
              <span className="text-fg-2 text-xs">{words}</span>
            </span>
          </MenuItem>
        ))}
      </MenuContent>
    </Menu>
  )
}
