/** How a server is reached and how people sign in there; what is stored of them; and its removal. */
import { useNavigate } from "@tanstack/react-router"
import { Trash2 } from "lucide-react"
import { useState } from "react"
import { may, useMe } from "@/api/me"
import type { ServerView } from "@/api/shapes"
import { plural } from "@/lib/format"
import { Button } from "@/ui/button"
import { Card } from "@/ui/card"
import { cn } from "@/ui/cn"
import { ConfirmDialog } from "@/ui/dialog"
import { forgetUnsaved } from "@/ui/unsaved"
import { CredentialsCard } from "./credentials-card"
import { useDeleteServer } from "./queries"
import { SettingsForm } from "./settings-form"
import { SignInCard } from "./sign-in-card"

export function SettingsTab({ server }: { server: ServerView }) {
  const manage = may(useMe(), "servers.manage")
  const has_sign_in = manage && server.transport !== "stdio" && !server.demo
  /** Where people sign in, that comes first: on a phone it would else be below the whole form. */
  const signs_in = has_sign_in && server.sign_in !== "none"
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)] lg:grid-rows-[auto_1fr]">
      {signs_in && (
        <div className="lg:col-start-2">
          <SignInCard server={server} />
        </div>
      )}
      <div className={cn("lg:col-start-1 lg:row-start-1", signs_in && "lg:row-span-2")}>
        <SettingsForm server={server} manage={manage} />
      </div>
      {manage && (
        <div className="flex flex-col gap-4 lg:col-start-2">
          {has_sign_in && !signs_in && <SignInCard server={server} />}
          {server.has_credentials && <CredentialsCard server={server} />}
          <Removal server={server} />
        </div>
      )}
    </div>
  )
}

function Removal({ server }: { server: ServerView }) {
  const [asking, setAsking] = useState(false)
  const remove = useDeleteServer()
  const navigate = useNavigate()
  return (
    <Card title="Remove">
      <p className="mb-3 text-fg-2">Takes it away with its tools and grants. Flows that used it stay.</p>
      <Button icon={Trash2} onClick={() => setAsking(true)}>
        Remove server
      </Button>
      {asking && (
        <ConfirmDialog
          open
          onOpen={setAsking}
          title={`Remove ${server.title}`}
          words={`Removes ${server.title} with ${plural(server.tool_count, "tool")} and all its grants; its running calls end. Flows that used it stay.`}
          verb="Remove server"
          onConfirm={() =>
            remove.mutateAsync(server.server_id).then(
              () => {
                forgetUnsaved()
                void navigate({ to: "/admin/servers" })
              },
              () => undefined,
            )
          }
        />
      )}
    </Card>
  )
}
