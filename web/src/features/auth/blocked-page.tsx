/** The page of someone who is blocked: the admin's words, calm, and nothing to try again. */
import { Ban } from "lucide-react"
import { Icon } from "@/ui/icon"

export function BlockedPage({ words }: { words: string }) {
  return (
    <main className="grid min-h-dvh place-items-center px-6 py-16">
      <div className="w-full max-w-[440px]">
        <div className="mb-5 grid size-10 place-items-center rounded-lg border bg-surface text-fg-2">
          <Icon of={Ban} size={20} />
        </div>
        <h1 className="font-semibold text-xl tracking-tight">Your access is paused</h1>
        <p className="mt-3 whitespace-pre-wrap text-base leading-relaxed">{words}</p>
        <p className="mt-6 border-t pt-4 text-fg-2">
          What you did so far is kept. For questions, speak with your administrator; when access is restored,
          open this page again.
        </p>
      </div>
    </main>
  )
}
