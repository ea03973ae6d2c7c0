/** Forms: label above, help below, the error at the field in words with the way out. */
import { CircleAlert } from "lucide-react"
import { createContext, type ReactNode, use, useId } from "react"
import { cn } from "./cn"
import { Icon } from "./icon"

interface FieldIds {
  control_id: string
  describedby: string | undefined
  invalid: boolean
}

const FieldContext = createContext<FieldIds | null>(null)

interface FieldProps {
  label: string
  help?: ReactNode
  error?: string | null
  optional?: boolean
  aside?: ReactNode
  className?: string
  children: ReactNode
}

export function Field({ label, help, error, optional, aside, className, children }: FieldProps) {
  const control_id = useId()
  const note_id = `${control_id}-note`
  const describedby = error || help ? note_id : undefined
  return (
    <div className={cn("flex flex-col gap-1.5", className)}>
      <div className="flex items-baseline justify-between gap-2">
        <label htmlFor={control_id} className="font-medium text-fg text-xs">
          {label}
          {optional && <span className="ml-1 font-normal text-fg-3">optional</span>}
        </label>
        {aside}
      </div>
      <FieldContext value={{ control_id, describedby, invalid: Boolean(error) }}>{children}</FieldContext>
      {error ? (
        <p id={note_id} role="alert" className="flex items-start gap-1.5 text-bad text-xs">
          <Icon of={CircleAlert} size={14} className="mt-px" />
          {error}
        </p>
      ) : (
        help && (
          <p id={note_id} className="text-fg-3 text-xs">
            {help}
          </p>
        )
      )}
    </div>
  )
}

/** The ids and aria attributes a control inside a Field carries; outside of one, nothing. */
export function useFieldControl() {
  const field = use(FieldContext)
  if (!field) return {}
  return {
    id: field.control_id,
    "aria-describedby": field.describedby,
    "aria-invalid": field.invalid || undefined,
  }
}
