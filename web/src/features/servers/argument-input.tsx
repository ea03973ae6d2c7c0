/** One argument of a call, as its schema asks for it. */
import { Field } from "@/ui/field"
import { Input, Textarea } from "@/ui/input"
import { Select } from "@/ui/select"
import type { ArgumentField } from "./schema-form"

interface ArgumentInputProps {
  field: ArgumentField
  typed: string
  error: string | null
  onTyped: (text: string) => void
}

/** What stands for nothing chosen: a choice cannot have an empty value. */
const unset = "-"

export function ArgumentInput({ field, typed, error, onTyped }: ArgumentInputProps) {
  const wide = field.kind === "json" || field.kind === "text"
  return (
    <Field
      label={field.name}
      optional={!field.required}
      help={field.help}
      error={error}
      className={wide ? "sm:col-span-2" : undefined}
    >
      <Control field={field} typed={typed} onTyped={onTyped} />
    </Field>
  )
}

function Control({ field, typed, onTyped }: Omit<ArgumentInputProps, "error">) {
  const { kind, required } = field
  const change = (event: { target: { value: string } }) => onTyped(event.target.value)
  if (kind === "choice" || kind === "boolean") {
    const options = kind === "boolean" ? ["true", "false"] : field.choices
    return (
      <Select
        value={typed || (required && kind === "boolean" ? "false" : unset)}
        onValue={(value) => onTyped(value === unset ? "" : value)}
        options={[
          ...(required ? [] : [{ value: unset, label: "Not given" }]),
          ...options.map((value) => ({ value, label: value })),
        ]}
      />
    )
  }
  if (kind === "json")
    return (
      <Textarea rows={2} spellCheck={false} value={typed} onChange={change} className="font-mono text-xs" />
    )
  if (kind === "text") return <Textarea rows={1} value={typed} onChange={change} required={required} />
  return <Input inputMode="decimal" value={typed} onChange={change} required={required} />
}
