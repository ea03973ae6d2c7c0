/** Asks where anchors are sent; one is sent there at once, and what became of it is said. */
import { useState } from "react"
import { asProblem, problemWords } from "@/api/problem"
import { type Anchors, useSetAnchors } from "@/api/proof"
import { Checkbox } from "@/ui/choice"
import { ConfirmDialog } from "@/ui/dialog"
import { Field } from "@/ui/field"
import { Input } from "@/ui/input"

export function AnchorsDialog({ anchors, onClose }: { anchors: Anchors; onClose: () => void }) {
  const [url, setUrl] = useState(anchors.url ?? "")
  const [allow_private, setPrivate] = useState(anchors.allow_private)
  const set = useSetAnchors()
  const wanted = url.trim() || null
  const same = wanted === anchors.url && allow_private === anchors.allow_private
  return (
    <ConfirmDialog
      open
      onOpen={(open) => !open && onClose()}
      title="Send anchors"
      words="Each is one line of JSON, posted to an address that appends it to a file. Verify the record with it: omni2 audit verify --anchors FILE."
      verb={wanted ? "Send there" : "Keep in the file alone"}
      tone="primary"
      disabled={same}
      onConfirm={() => set.mutateAsync({ url: wanted, allow_private }).then(onClose, () => undefined)}
    >
      <Field
        label="Address"
        help="http or https. Empty sends them nowhere."
        error={set.error ? problemWords(asProblem(set.error)) : undefined}
        className="mt-3"
      >
        <Input
          value={url}
          onChange={(event) => setUrl(event.target.value)}
          placeholder="https://anchors.example.org/omni2"
          inputMode="url"
          spellCheck={false}
        />
      </Field>
      <div className="mt-3">
        <Checkbox
          checked={allow_private}
          onChecked={setPrivate}
          label="It is in our own network"
          help="Allows private and local addresses."
        />
      </div>
    </ConfirmDialog>
  )
}
