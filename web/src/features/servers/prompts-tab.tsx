/** The prompts of a server: what each is for, and what it asks for. */
import { useQuery } from "@tanstack/react-query"
import { MessageSquareQuote } from "lucide-react"
import { errorState } from "@/api/pages"
import type { PromptView } from "@/api/shapes"
import { Chips } from "@/ui/chips"
import { CopyValue } from "@/ui/copy"
import { EmptyState, ErrorState, Skeleton } from "@/ui/states"
import { promptsQuery } from "./tool-queries"

export function PromptsTab({ server_id }: { server_id: string }) {
  const query = useQuery(promptsQuery(server_id))
  const error = errorState(query)
  if (!query.data) return error ? <ErrorState {...error} /> : <Skeleton className="h-32" />
  if (query.data.items.length === 0)
    return (
      <EmptyState
        icon={MessageSquareQuote}
        title="No prompt"
        words="This server offers no prompts. What it offers appears here with the next check."
      />
    )
  return (
    <ul className="divide-y rounded border bg-surface">
      {query.data.items.map((prompt) => (
        <PromptLine key={prompt.name} prompt={prompt} />
      ))}
    </ul>
  )
}

function PromptLine({ prompt }: { prompt: PromptView }) {
  return (
    <li className="flex flex-col gap-1.5 px-4 py-2.5">
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <code className="break-all font-medium text-xs">{prompt.name}</code>
        {prompt.title && <span className="text-sm">{prompt.title}</span>}
        <span className="ml-auto flex min-w-0 max-w-full items-center gap-1 text-fg-3 text-xs">
          at /mcp <CopyValue value={prompt.exposed} label="Copy name" />
        </span>
      </div>
      {prompt.description && (
        <p className="max-w-[96ch] whitespace-pre-wrap break-words text-fg-2 text-xs">{prompt.description}</p>
      )}
      {prompt.arguments.length > 0 && (
        <Chips
          items={prompt.arguments.map((argument) => ({
            key: String(argument.name),
            words: `${argument.name}${argument.required === true ? "" : "?"}`,
            note: typeof argument.description === "string" ? argument.description : undefined,
          }))}
        />
      )}
    </li>
  )
}
