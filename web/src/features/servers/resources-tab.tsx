/** The resources of a server, and the templates that others come from. */
import { useQuery } from "@tanstack/react-query"
import { FileText } from "lucide-react"
import { errorState } from "@/api/pages"
import type { ResourcesView } from "@/api/shapes"
import { bytes } from "@/lib/format"
import { Card } from "@/ui/card"
import { CopyButton } from "@/ui/copy"
import { EmptyState, ErrorState, Skeleton } from "@/ui/states"
import { type Column, DataTable } from "@/ui/table"
import { resourcesQuery } from "./tool-queries"

type Resource = ResourcesView["items"][number]
type Template = ResourcesView["templates"][number]

export function ResourcesTab({ server_id }: { server_id: string }) {
  const query = useQuery(resourcesQuery(server_id))
  const error = errorState(query)
  if (!query.data) return error ? <ErrorState {...error} /> : <Skeleton className="h-32" />
  const { items, templates } = query.data
  if (items.length + templates.length === 0)
    return (
      <EmptyState
        icon={FileText}
        title="No resource"
        words="This server offers no resources. What it offers appears here with the next check."
      />
    )
  return (
    <div className="flex flex-col gap-4">
      {items.length > 0 && (
        <Card title="Resources" flush>
          <DataTable
            label="Resources"
            rows={items}
            columns={columns}
            rowKey={(row) => row.uri}
            empty={null}
          />
        </Card>
      )}
      {templates.length > 0 && (
        <Card title="Templates" words="Each stands for many resources." flush>
          <DataTable
            label="Templates"
            rows={templates}
            columns={template_columns}
            rowKey={(row) => row.uri_template}
            empty={null}
          />
        </Card>
      )}
    </div>
  )
}

function Address({ value }: { value: string }) {
  return (
    <span className="flex max-w-44 items-center gap-1 sm:max-w-72 lg:max-w-md">
      <code title={value} className="min-w-0 truncate text-xs">
        {value}
      </code>
      <CopyButton value={value} label="Copy address" />
    </span>
  )
}

function Described({ row }: { row: Resource | Template }) {
  return (
    <span className="flex max-w-32 items-baseline gap-2 sm:max-w-md" title={row.description || undefined}>
      <span className="min-w-0 truncate">{row.title ?? row.name}</span>
      {row.description && (
        <span className="min-w-0 flex-1 truncate text-fg-2 text-xs max-sm:hidden">{row.description}</span>
      )}
    </span>
  )
}

const type = (row: Resource | Template) => (
  <span className="truncate text-fg-2 text-xs">{row.mime_type ?? "\u2013"}</span>
)

const columns: Column<Resource>[] = [
  {
    key: "uri",
    title: "Address",
    width: "40%",
    sort: (row) => row.uri,
    cell: (row) => <Address value={row.uri} />,
  },
  { key: "name", title: "Name", sort: (row) => row.name, cell: (row) => <Described row={row} /> },
  { key: "type", title: "Type", width: "140px", from: "md", sort: (row) => row.mime_type, cell: type },
  {
    key: "size",
    title: "Size",
    width: "88px",
    align: "right",
    from: "sm",
    sort: (row) => row.size,
    cell: (row) => (
      <span className="tabular text-fg-2">{row.size === null ? "\u2013" : bytes(row.size)}</span>
    ),
  },
]

const template_columns: Column<Template>[] = [
  { key: "uri", title: "Template", width: "40%", cell: (row) => <Address value={row.uri_template} /> },
  { key: "name", title: "Name", cell: (row) => <Described row={row} /> },
  { key: "type", title: "Type", width: "140px", from: "md", cell: type },
]
