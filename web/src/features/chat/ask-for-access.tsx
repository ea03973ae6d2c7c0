/** A refusal turned into a request: words to hand to an administrator, by e-mail or however people talk. */
import { Check, Copy, Hand, Mail } from "lucide-react"
import { useState } from "react"
import { Button, buttonStyle } from "@/ui/button"
import { useCopy } from "@/ui/copy"
import { Dialog } from "@/ui/dialog"
import { Icon } from "@/ui/icon"
import { type Refusal, requestOf } from "./access-request"

export function AskForAccess(refusal: Refusal) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button size="sm" icon={Hand} className="mt-2.5 self-start" onClick={() => setOpen(true)}>
        Ask for access
      </Button>
      {open && <RequestDialog refusal={refusal} onClose={() => setOpen(false)} />}
    </>
  )
}

function RequestDialog({ refusal, onClose }: { refusal: Refusal; onClose: () => void }) {
  const { copied, copy } = useCopy()
  const { subject, words } = requestOf(refusal, window.location.origin)
  return (
    <Dialog
      open
      onOpen={onClose}
      title="Ask for access"
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
