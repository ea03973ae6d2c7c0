/** One virtual server: its address to copy, its tools, and whether each can be called. */
import { Pencil, Trash2 } from "lucide-react"
import { useState } from "react"
import { asProblem, problemWords } from "@/api/problem"
import type { VirtualToolView, VirtualView } from "@/api/shapes"
import { Button } from "@/ui/button"
import { Card } from "@/ui/card"
import { type ChipItem, Chips } from "@/ui/chips"
import { Switch } from "@/ui/choice"
import { CopyValue } from "@/ui/copy"
import { ConfirmDialog } from "@/ui/dialog"
import { toast } from "@/ui/toast"
import { useChangeVirtual, useDeleteVirtual } from "./virtual-queries"

interface VirtualCardProps {
  server: VirtualView
  manage: boolean
  onEdit: () => void
}

export function VirtualCard({ server, manage, onEdit }: VirtualCardProps) {
  const [asking, setAsking] = useState(false)
  const change = useChangeVirtual()
  const remove = useDeleteVirtual()
  const { server_id } = server
  return (
    <Card
      title={server.title}
      words={server.description || undefined}
      actions={
        <Switch
          checked={server.enabled}
          disabled={!manage || change.isPending}
          label={`${server.title} is on`}
          hideLabel
          onChecked={(enabled) => change.mutate({ server_id, patch: { enabled } }, { onError: notSwitched })}
        />
      }
    >
      <div className={server.enabled ? "flex flex-col gap-3" : "flex flex-col gap-3 opacity-60"}>
        <CopyValue value={`${window.location.origin}${server.path}`} label="Copy address" />
        <Chips items={server.tools.map(chipOf)} none="No tool is chosen." />
      </div>
      {manage && (
        <div className="mt-4 flex flex-wrap gap-2">
          <Button icon={Pencil} onClick={onEdit}>
            Edit
          </Button>
          <Button icon={Trash2} onClick={() => setAsking(true)}>
            Remove
          </Button>
        </div>
      )}
      {asking && (
        <ConfirmDialog
          open
          onOpen={setAsking}
          title={`Remove ${server.title}`}
          words={`Clients that use ${server.path} find nothing there any more. The real servers and their tools stay as they are.`}
          verb="Remove virtual server"
          onConfirm={() =>
            remove.mutateAsync(server_id).then(
              () => setAsking(false),
              () => undefined,
            )
          }
        />
      )}
    </Card>
  )
}

const notes: Record<VirtualToolView["state"], string> = {
  ready: "",
  held: "waits for approval of its changed definition",
  disabled: "is off at its server",
  gone: "is no longer listed by its server",
}

function chipOf(tool: VirtualToolView): ChipItem {
  const real = `${tool.server}.${tool.tool}`
  const note = notes[tool.state]
  return {
    key: tool.name,
    words: tool.name,
    note: note ? `${real} ${note}` : real,
    tone: tool.state === "ready" ? "neutral" : "quiet",
  }
}

function notSwitched(thrown: Error) {
  toast.failed("The virtual server was not switched", problemWords(asProblem(thrown)))
}
