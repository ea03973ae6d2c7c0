/** A search whose words live in the URL: typing stays immediate, and the URL follows when the hand rests. */
import { useEffect, useRef, useState } from "react"
import { SearchInput } from "./input"

const rest_ms = 180

interface SearchFieldProps {
  value: string
  onValue: (value: string) => void
  label: string
  className?: string
}

export function SearchField({ value, onValue, label, className }: SearchFieldProps) {
  const [draft, setDraft] = useState(value)
  const told = useRef(value)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => {
    if (value === told.current) return
    told.current = value
    setDraft(value)
  }, [value])
  useEffect(() => () => clearTimeout(timer.current), [])
  const type = (next: string) => {
    setDraft(next)
    clearTimeout(timer.current)
    timer.current = setTimeout(
      () => {
        told.current = next
        onValue(next)
      },
      next === "" ? 0 : rest_ms,
    )
  }
  return <SearchInput label={label} value={draft} onValue={type} className={className} />
}
