/** An empty conversation: the words of welcome, and what one could ask. */
import { ArrowUpRight } from "lucide-react"
import { Icon } from "@/ui/icon"
import { Skeleton } from "@/ui/states"
import { useChat } from "./store"

export function Start({ onSuggest }: { onSuggest: (text: string) => void }) {
  const welcome = useChat((state) => state.welcome)
  return (
    <div className="flex flex-1 flex-col justify-end pt-16 pb-6 sm:justify-center sm:pb-16">
      {welcome ? (
        <>
          <h2 className="font-semibold text-2xl tracking-tight">{greeting(welcome.name)}</h2>
          <p className="mt-2 max-w-[60ch] whitespace-pre-wrap text-base text-fg-2">{welcome.message}</p>
          {welcome.suggestions.length > 0 && (
            <ul className="mt-6 grid gap-2 sm:grid-cols-2">
              {welcome.suggestions.map((text) => (
                <li key={text}>
                  <button
                    type="button"
                    onClick={() => onSuggest(text)}
                    className="group flex h-full w-full items-start gap-2 rounded border bg-surface px-3 py-2.5 text-left transition-colors hover:border-border-strong"
                  >
                    <span className="flex-1">{text}</span>
                    <Icon of={ArrowUpRight} size={14} className="mt-0.5 text-fg-3 group-hover:text-fg" />
                  </button>
                </li>
              ))}
            </ul>
          )}
        </>
      ) : (
        <div aria-busy="true" className="flex flex-col gap-3">
          <Skeleton className="h-8 w-64" />
          <Skeleton className="h-4 w-80" />
          <div className="mt-4 grid gap-2 sm:grid-cols-2">
            <Skeleton className="h-11" />
            <Skeleton className="h-11" />
          </div>
        </div>
      )}
    </div>
  )
}

function greeting(name: string | null): string {
  const first = name?.trim().split(/\s+/)[0]
  return first ? `Hello, ${first}` : "Hello"
}
