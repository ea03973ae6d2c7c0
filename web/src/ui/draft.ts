/** A text that is typed here and lives elsewhere (the URL): it follows what is told, and tells when it rests. */
import { useEffect, useRef, useState } from "react"

const rest_ms = 400

export function useDraft(value: string, onValue: (value: string) => void, after_ms = rest_ms) {
  const [draft, setDraft] = useState(value)
  const told = useRef(value)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => {
    if (value === told.current) return
    told.current = value
    setDraft(value)
  }, [value])
  useEffect(() => () => clearTimeout(timer.current), [])
  /** Tells now what the text says, and leaves the text as it is being typed. */
  const tell = (words: string) => {
    clearTimeout(timer.current)
    if (words === told.current) return
    told.current = words
    onValue(words)
  }
  /** Takes what was typed; `words` are told when the hand rests, null for nothing that could be told yet. */
  const type = (text: string, words: string | null) => {
    setDraft(text)
    clearTimeout(timer.current)
    if (words !== null) timer.current = setTimeout(() => tell(words), after_ms)
  }
  return { draft, type, tell }
}
