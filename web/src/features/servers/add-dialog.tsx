/** Adding a server: how to reach it, a probe that shows what is there, who may use it, then save. */
import { useNavigate } from "@tanstack/react-router"
import { type FormEvent, useId, useState } from "react"
import { formError } from "@/api/problem"
import type { ProbeView } from "@/api/shapes"
import { Button } from "@/ui/button"
import { Dialog } from "@/ui/dialog"
import { useReveal } from "@/ui/reveal"
import { forgetUnsaved } from "@/ui/unsaved"
import { AddServerForm } from "./add-form"
import { type Draft, empty_draft, ready, serverOf } from "./draft"
import { ProbeResult } from "./probe-result"
import { useCreateServer, useProbe } from "./queries"

const own_fields = ["title", "url", "command", "bearer", "headers", "env"]

export function AddServerDialog({ onClose }: { onClose: () => void }) {
  const [draft, setDraft] = useState<Draft>(empty_draft)
  const probe = useProbe()
  const create = useCreateServer()
  const navigate = useNavigate()
  const form_id = useId()
  const signs_in = probe.data?.code === "server_sign_in_needed"
  const answered = probe.data?.ok === true || signs_in
  const change = (next: Partial<Draft>) => {
    setDraft({ ...draft, ...next })
    if (probe.data && leadsElsewhere(next)) probe.reset()
  }
  /** What a server calls itself is a better title than its address. */
  const nameAfter = ({ server_name }: ProbeView) =>
    setDraft((now) => (now.named || !server_name ? now : { ...now, title: server_name.slice(0, 100) }))
  const save = (force: boolean) =>
    create.mutate(
      { body: serverOf(draft), force },
      {
        onSuccess: (server) => {
          forgetUnsaved()
          onClose()
          void navigate({
            to: "/admin/servers/$id",
            params: { id: server.server_id },
            search: signs_in ? { tab: "settings" } : {},
          })
        },
      },
    )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (answered) save(false)
    else probe.mutate(serverOf(draft), { onSuccess: nameAfter })
  }
  const failed = probe.error ?? create.error
  const words = formError(failed, own_fields)
  return (
    <Dialog
      open
      onOpen={onClose}
      wide
      dirty={draft !== empty_draft}
      title="Add server"
      words="omni2 asks it for its tools first; nothing is saved before you say so."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          {probe.data && !answered && probe.data.code !== "url_refused" && (
            <Button busy={create.isPending} onClick={() => save(true)}>
              Save anyway
            </Button>
          )}
          <Button
            type="submit"
            form={form_id}
            variant="primary"
            busy={probe.isPending || (answered && create.isPending)}
            disabled={!ready(draft)}
          >
            {answered ? "Add server" : probe.data ? "Try again" : "Try it"}
          </Button>
        </>
      }
    >
      <AddServerForm id={form_id} draft={draft} error={failed} onChange={change} onSubmit={submit} />
      {probe.data && <ProbeResult key={probe.submittedAt} probe={probe.data} />}
      {words && <Wrong key={failed?.message} words={words} />}
    </Dialog>
  )
}

/** Below a form that fills the window of a phone, so it comes into view by itself. */
function Wrong({ words }: { words: string }) {
  const element = useReveal<HTMLParagraphElement>(true)
  return (
    <p ref={element} role="alert" className="mt-3 scroll-mb-4 text-bad">
      {words}
    </p>
  )
}

function leadsElsewhere(change: Partial<Draft>): boolean {
  return Object.keys(change).some((key) => !["title", "named", "grant"].includes(key))
}
