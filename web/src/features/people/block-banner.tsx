/** That a person is blocked, by whom and why, and the way back. */
import { Ban } from "lucide-react"
import { may, useMe } from "@/api/me"
import type { BlockView, UserRow } from "@/api/types"
import { Button } from "@/ui/button"
import { Icon } from "@/ui/icon"
import { Time } from "@/ui/time"
import { useUnblock } from "./queries"
import { scopes } from "./words"

export function BlockBanner({ user, block }: { user: UserRow; block: BlockView }) {
  const me = useMe()
  const unblock = useUnblock(user.user_id)
  return (
    <section
      aria-label="Block"
      className="flex flex-wrap items-start gap-3 rounded border border-bad/30 border-l-3 border-l-bad bg-bad-soft px-4 py-3"
    >
      <Icon of={Ban} className="mt-0.5 text-bad" />
      <div className="min-w-0 flex-1 basis-64">
        <p className="font-medium">
          Blocked {scopes[block.scope].toLowerCase()} by {block.by}, <Time at={block.since} />
          {block.until && (
            <>
              , until <Time at={block.until} />
            </>
          )}
        </p>
        <p className="mt-0.5 break-words text-fg-2">Reason: {block.reason}</p>
        <p className="break-words text-fg-2">They see: "{block.message}"</p>
      </div>
      {may(me, "users.block") && (
        <Button busy={unblock.isPending} onClick={() => unblock.mutate()}>
          Unblock
        </Button>
      )}
    </section>
  )
}
