/** A search whose words live in the URL: typing stays immediate, and the URL follows when the hand rests. */
import { useDraft } from "./draft"
import { SearchInput } from "./input"

const rest_ms = 180

interface SearchFieldProps {
  value: string
  onValue: (value: string) => void
  label: string
  className?: string
}

export function SearchField({ value, onValue, label, className }: SearchFieldProps) {
  const { draft, type, tell } = useDraft(value, onValue, rest_ms)
  const onText = (next: string) => {
    type(next, next)
    if (next === "") tell(next)
  }
  return <SearchInput label={label} value={draft} onValue={onText} className={className} />
}
