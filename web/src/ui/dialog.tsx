/** A dialog for what cannot be undone or needs a few fields: title, words, content, one verb. */
import { X } from "lucide-react"
import { Dialog as Radix } from "radix-ui"
import { type FormEvent, type ReactNode, useState } from "react"
import { Button, IconButton } from "./button"
import { cn } from "./cn"
import { leaveForm, useUnsaved } from "./unsaved"

interface DialogProps {
  open: boolean
  onOpen: (open: boolean) => void
  title: ReactNode
  words?: ReactNode
  children?: ReactNode
  footer?: ReactNode
  wide?: boolean
  /** It holds changes: Escape, the cross and a click beside it ask before they are lost. */
  dirty?: boolean
}

export function Dialog({ open, onOpen, title, words, children, footer, wide, dirty = false }: DialogProps) {
  useUnsaved(open && dirty)
  return (
    <Radix.Root open={open} onOpenChange={(next) => leaveForm(dirty && !next, () => onOpen(next))}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-fade bg-overlay" />
        <Radix.Content
          {...(words ? {} : { "aria-describedby": undefined })}
          onOpenAutoFocus={focusFirstField}
          className={cn(
            "-translate-x-1/2 fixed top-[max(12px,12vh)] outline-none left-1/2 z-40 flex max-h-[min(80vh,calc(100dvh-24px))] w-[calc(100vw-24px)] animate-enter flex-col rounded-lg border border-border bg-raised shadow-float",
            wide ? "max-w-3xl" : "max-w-[460px]",
          )}
        >
          <header className="flex items-start gap-3 px-4 pt-4 pb-1">
            <Radix.Title className="flex-1 font-semibold text-lg leading-snug">{title}</Radix.Title>
            <Radix.Close asChild>
              <IconButton icon={X} label="Close" shortcut="Esc" size="sm" className="-mt-1 -mr-1.5" />
            </Radix.Close>
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto px-4 pb-4">
            {words && <Radix.Description className="max-w-[72ch] text-fg-2">{words}</Radix.Description>}
            {children}
          </div>
          {footer && (
            <footer className="flex flex-wrap items-center justify-end gap-2 border-t px-4 py-3">
              {footer}
            </footer>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/** The first field, or the dialog itself: never its close button, whose tooltip would cover the title. */
export function focusFirstField(event: Event) {
  event.preventDefault()
  const dialog = event.target as HTMLElement
  const field = dialog.querySelector<HTMLElement>("input:not([disabled]),textarea:not([disabled])")
  ;(field ?? dialog).focus()
}

interface ConfirmProps {
  open: boolean
  onOpen: (open: boolean) => void
  title: string
  words: ReactNode
  verb: string
  onConfirm: () => Promise<unknown> | undefined
  tone?: "danger" | "primary"
  children?: ReactNode
  disabled?: boolean
  cancel?: string
}

/** Asks once, says the consequence, carries the verb on its button, and stays open while it works. */
export function ConfirmDialog(props: ConfirmProps) {
  const { open, onOpen, title, words, verb, onConfirm, tone = "danger", children, disabled } = props
  const { cancel = "Cancel" } = props
  const [busy, setBusy] = useState(false)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    try {
      await onConfirm()
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog
      open={open}
      onOpen={onOpen}
      title={title}
      words={words}
      footer={
        <form onSubmit={submit} className="contents">
          <Button onClick={() => onOpen(false)}>{cancel}</Button>
          <Button type="submit" variant={tone} busy={busy} disabled={disabled}>
            {verb}
          </Button>
        </form>
      }
    >
      {children}
    </Dialog>
  )
}
