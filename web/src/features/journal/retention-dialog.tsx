/** Asks how long a class is to be kept, and says what the next run will remove. */
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { type RetentionRule, retentionPreviewQuery, useKeepFor } from "@/api/proof"
import { count } from "@/lib/format"
import { ConfirmDialog } from "@/ui/dialog"
import { Field } from "@/ui/field"
import { Input } from "@/ui/input"
import { subjects } from "./retention-words"

export function KeepDialog({ rule, onClose }: { rule: RetentionRule; onClose: () => void }) {
  const [text, setText] = useState(rule.days === null ? "" : String(rule.days))
  const days = text.trim() === "" ? null : Number(text)
  const wrong = days !== null && !(Number.isInteger(days) && days >= 1 && days <= 36_500)
  const preview = useQuery(retentionPreviewQuery(rule.subject, wrong ? null : days))
  const keep = useKeepFor(rule.subject)
  const { title, words, many } = subjects[rule.subject]
  return (
    <ConfirmDialog
      open
      onOpen={(open) => !open && onClose()}
      title={`Keep: ${title.toLowerCase()}`}
      words={words}
      verb={days === null ? "Keep for ever" : `Keep for ${text} days`}
      tone={days === null ? "primary" : "danger"}
      disabled={wrong || days === rule.days}
      onConfirm={() => keep.mutateAsync(days).then(onClose, () => undefined)}
    >
      <Field
        label="Days"
        help="Empty keeps it for ever."
        error={wrong ? "A whole number of days, from 1 to 36,500." : undefined}
      >
        <Input value={text} onChange={(event) => setText(event.target.value)} inputMode="numeric" />
      </Field>
      {days !== null && preview.data && (
        <p className="mt-3">
          As of now {count(preview.data.count)} {many} in the coming night. The chains keep that it was
          retention.
        </p>
      )}
    </ConfirmDialog>
  )
}
