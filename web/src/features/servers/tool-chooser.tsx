/** Which tool to try: a short list, which is searched where a server has many tools. */
import { useState } from "react"
import type { ToolView } from "@/api/shapes"
import { count } from "@/lib/format"
import { Field } from "@/ui/field"
import { SearchInput } from "@/ui/input"
import { Select } from "@/ui/select"
import { listed_at_once, narrowed } from "./many-tools"

interface ToolChooserProps {
  tools: readonly ToolView[]
  tool: ToolView
  onTool: (name: string) => void
}

export function ToolChooser({ tools, tool, onTool }: ToolChooserProps) {
  const [q, setQ] = useState("")
  const many = tools.length > listed_at_once
  const { shown, left } = narrowed(tools, q)
  const offered = shown.includes(tool) ? shown : [tool, ...shown]
  return (
    <div className="flex flex-wrap items-start gap-x-4 gap-y-3">
      <Field
        label="Tool"
        help="A call from here takes the path of every call: your own access decides, and it leaves a flow."
        className="min-w-0 flex-1 basis-72"
      >
        <Select
          value={tool.name}
          onValue={onTool}
          options={offered.map((one) => ({ value: one.name, label: one.renamed ?? one.name }))}
          className="w-full"
        />
      </Field>
      {many && (
        <Field
          label="Find a tool"
          help={left > 0 ? `${count(left)} more are not in the list. Search by name or words.` : undefined}
          className="min-w-0 flex-1 basis-56"
        >
          <SearchInput label="Find a tool" value={q} onValue={setQ} />
        </Field>
      )}
    </div>
  )
}
