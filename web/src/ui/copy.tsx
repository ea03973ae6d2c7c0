/** Copying: a small button that says when it is done, and a mono value with one beside it. */
import { Check, Copy } from "lucide-react"
import { useRef, useState } from "react"
import { IconButton } from "./button"
import { cn } from "./cn"

const confirmed_ms = 1400

/** Copies, and is `copied` for a moment afterwards. */
export function useCopy() {
  const [copied, setCopied] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const copy = async (value: string) => {
    await writeClipboard(value)
    setCopied(true)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => setCopied(false), confirmed_ms)
  }
  return { copied, copy }
}

interface CopyButtonProps {
  value: string | (() => string)
  label?: string
  className?: string
}

export function CopyButton({ value, label = "Copy", className }: CopyButtonProps) {
  const { copied, copy } = useCopy()
  return (
    <IconButton
      icon={copied ? Check : Copy}
      label={copied ? "Copied" : label}
      size="sm"
      className={cn("size-6", copied && "text-ok hover:text-ok", className)}
      onClick={(event) => {
        event.stopPropagation()
        void copy(typeof value === "string" ? value : value())
      }}
    />
  )
}

interface CopyValueProps {
  value: string
  shown?: string
  label: string
}

/** An id or a secret in mono with its copy button. */
export function CopyValue({ value, shown, label }: CopyValueProps) {
  return (
    <span className="inline-flex max-w-full items-center gap-0.5">
      <code title={value} className="truncate text-xs">
        {shown ?? value}
      </code>
      <CopyButton value={value} label={label} />
    </span>
  )
}

/** Plain http origins have no clipboard API; an invisible field still copies there. */
async function writeClipboard(value: string) {
  if (navigator.clipboard && window.isSecureContext) {
    await navigator.clipboard.writeText(value)
    return
  }
  const field = document.createElement("textarea")
  field.value = value
  field.style.position = "fixed"
  field.style.opacity = "0"
  document.body.append(field)
  field.select()
  document.execCommand("copy")
  field.remove()
}
