/** One argument of a call, as its schema asks for it: a control, a group of arguments, or a list of groups. */
import { Plus, X } from "lucide-react"
import type { ReactNode } from "react"
import { Button } from "@/ui/button"
import { Field } from "@/ui/field"
import { Input, Textarea } from "@/ui/input"
import { MultiSelect } from "@/ui/multi-select"
import { Select } from "@/ui/select"
import type { ArgumentField } from "./schema-form"
import { groupOf, groupsOf, type Typed, type TypedGroup, textOf } from "./schema-read"

interface ArgumentInputsProps {
  fields: readonly ArgumentField[]
  typed: TypedGroup
  errors: Record<string, string>
  onTyped: (typed: TypedGroup) => void
  /** Where the errors of these fields begin. */
  path?: string
}

export function ArgumentInputs({ fields, typed, errors, onTyped, path = "" }: ArgumentInputsProps) {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      {fields.map((field) => (
        <ArgumentInput
          key={field.name}
          field={field}
          typed={typed[field.name]}
          errors={errors}
          path={path + field.name}
          onTyped={(next) => onTyped({ ...typed, [field.name]: next })}
        />
      ))}
    </div>
  )
}

interface ArgumentInputProps {
  field: ArgumentField
  typed: Typed | undefined
  errors: Record<string, string>
  path: string
  onTyped: (typed: Typed) => void
}

function ArgumentInput(props: ArgumentInputProps) {
  const { field, typed, errors, path, onTyped } = props
  if (field.kind === "group")
    return (
      <Group field={field}>
        <ArgumentInputs
          fields={field.fields}
          typed={groupOf(typed)}
          errors={errors}
          path={`${path}.`}
          onTyped={onTyped}
        />
      </Group>
    )
  if (field.kind === "list") return <GroupList {...props} />
  const wide = field.kind === "json" || field.kind === "text" || field.kind === "lines"
  return (
    <Field
      label={field.name}
      optional={!field.required}
      help={helpOf(field)}
      error={errors[path] ?? null}
      className={wide ? "sm:col-span-2" : undefined}
    >
      <Control field={field} typed={textOf(field, typed)} onTyped={onTyped} />
    </Field>
  )
}

function Group({ field, children }: { field: ArgumentField; children: ReactNode }) {
  return (
    <fieldset className="min-w-0 rounded border px-3 pt-1 pb-3 sm:col-span-2">
      <legend className="px-1 font-medium text-xs">
        {field.name}
        {!field.required && <span className="ml-1 font-normal text-fg-3">optional</span>}
      </legend>
      {field.help && <p className="mb-3 text-fg-3 text-xs">{field.help}</p>}
      {children}
    </fieldset>
  )
}

function GroupList({ field, typed, errors, path, onTyped }: ArgumentInputProps) {
  const groups = groupsOf(typed)
  return (
    <Group field={field}>
      <ol className="flex flex-col gap-3">
        {groups.map((group, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an entry is its place, and its fields are controlled
          <li key={i} className="flex flex-col items-start gap-2 border-b pb-3">
            <div className="w-full">
              <ArgumentInputs
                fields={field.fields}
                typed={group}
                errors={errors}
                path={`${path}.${i}.`}
                onTyped={(next) => onTyped(groups.map((one, j) => (j === i ? next : one)))}
              />
            </div>
            <Button
              size="sm"
              variant="quiet"
              icon={X}
              onClick={() => onTyped(groups.filter((_, j) => j !== i))}
            >
              Remove {field.name} {i + 1}
            </Button>
          </li>
        ))}
      </ol>
      <Button size="sm" icon={Plus} className="mt-2" onClick={() => onTyped([...groups, {}])}>
        Add to {field.name}
      </Button>
    </Group>
  )
}

/** What stands for nothing chosen: a choice cannot have an empty value. */
const unset = "-"

interface ControlProps {
  field: ArgumentField
  typed: string
  onTyped: (text: string) => void
}

function Control({ field, typed, onTyped }: ControlProps) {
  const { kind } = field
  const change = (event: { target: { value: string } }) => onTyped(event.target.value)
  switch (kind) {
    case "choice":
    case "boolean":
      return <OneOf field={field} typed={typed} onTyped={onTyped} />
    case "choices":
      return (
        <MultiSelect
          label={field.name}
          any="None"
          values={typed.split("\n").filter(Boolean)}
          onValues={(values) => onTyped(values.join("\n"))}
          options={field.choices.map(({ label }) => ({ value: label, label }))}
          className="w-full"
        />
      )
    case "json":
    case "lines":
      return (
        <Textarea rows={2} spellCheck={false} value={typed} onChange={change} className="font-mono text-xs" />
      )
    case "text":
      return <Textarea rows={1} value={typed} onChange={change} />
    default:
      return <Input inputMode="decimal" value={typed} onChange={change} />
  }
}

function OneOf({ field, typed, onTyped }: ControlProps) {
  const { kind, required } = field
  const labels = kind === "boolean" ? ["true", "false"] : field.choices.map(({ label }) => label)
  const none = required ? (kind === "boolean" ? "false" : "") : unset
  return (
    <Select
      value={typed || none}
      onValue={(value) => onTyped(value === unset ? "" : value)}
      options={[
        ...(required ? [] : [{ value: unset, label: "Not given" }]),
        ...labels.map((label) => ({ value: label, label })),
      ]}
    />
  )
}

function helpOf({ kind, help }: ArgumentField): string | null {
  const way = kind === "lines" ? "One a line." : kind === "json" ? "As JSON." : ""
  return [help, way].filter(Boolean).join(" ") || null
}
