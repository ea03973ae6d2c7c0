/** A refusal turned into a request: words to hand to an administrator, by e-mail or however people talk. */
import { Check, Copy, Hand, Mail } from "lucide-react"
import { useState } from "react"
import { Button, buttonStyle } from "@/ui/button"
import { useCopy } from "@/ui/copy"
import { Icon } from "@/ui/icon"
import { Dialog } from "@/ui/later"
import { type Refusal, requestOf } from "./access-request"

interface AskForAccessProps extends Refusal {
  title?: string
}

export function AskForAccess({ title = "Ask for access", ...refusal }: AskForAccessProps) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button size="sm" icon={Hand} className="mt-2.5 self-start" onClick={() => setOpen(true)}>
        {title}
      </Button>
      {open && <RequestDialog title={title} refusal={refusal} onClose={() => setOpen(false)} />}
    </>
  )
}

interface RequestDialogProps {
  title: string
  refusal: Refusal
  onClose: () => void
}

function RequestDialog({ title, refusal, onClose }: RequestDialogProps) {
  const { copied, copy } = useCopy()
  const { subject, words } = requestOf(refusal, window.location.origin)
  return (
    <Dialog
      open
      onOpen={onClose}
      title={title}
      words="omni2 sends nothing by itself. Give these words to an administrator; the link shows them what was refused and why."
      footer={
        <>
          <a
            href={`mailto:?subject=${encodeURIComponent(subject)}&body=${encodeURIComponent(words)}`}
            className={buttonStyle({ variant: "secondary" })}
          >
            <Icon of={Mail} />
            Write an e-mail
          </a>
          <Button variant="primary" icon={copied ? Check : Copy} onClick={() => void copy(words)}>
            {copied ? "Copied" : "Copy"}
          </Button>
        </>
      }
    >
      <pre className="mt-3 whitespace-pre-wrap break-words rounded border bg-sunken p-3 font-sans text-sm">
        {words}
      </pre>
    </Dialog>
  )
}
