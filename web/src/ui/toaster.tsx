/** Draws the notes of `toast`; loaded after the page. */
import { CircleAlert, CircleCheck } from "lucide-react"
import { Toaster as Sonner, toast as sonner } from "sonner"
import { Icon } from "./icon"

export const show = {
  done: (words: string) => sonner(words, { icon: <Icon of={CircleCheck} className="text-ok" /> }),
  failed: (words: string, detail?: string) =>
    sonner(words, {
      description: detail,
      icon: <Icon of={CircleAlert} className="text-bad" />,
      duration: 8000,
    }),
  undoable: (words: string, undo: () => void) =>
    sonner(words, { action: { label: "Undo", onClick: undo }, duration: 8000 }),
}

export default function Toaster() {
  return (
    <Sonner
      position="bottom-right"
      gap={8}
      offset={{ bottom: "calc(24px + var(--dock, 0px))" }}
      mobileOffset={{ bottom: "calc(16px + var(--dock, 0px))" }}
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            "flex w-full items-start font-sans gap-2.5 rounded border border-border bg-raised px-3 py-2.5 text-fg text-sm shadow-float",
          title: "font-medium leading-snug",
          description: "mt-0.5 text-fg-2 text-xs",
          content: "flex-1",
          icon: "mt-px",
          actionButton: "font-medium text-accent-text text-xs hover:underline",
        },
      }}
    />
  )
}
