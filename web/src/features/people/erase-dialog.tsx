/** Erases the content of a person's flows and conversations, previewed in words; what they did and cost stays. */
import { useQuery } from "@tanstack/react-query"
import { asProblem, problemWords } from "@/api/problem"
import { erasureQuery, useErase } from "@/api/proof"
import type { UserRow } from "@/api/types"
import { ConfirmDialog } from "@/ui/dialog"
import { toast } from "@/ui/toast"

export function EraseDialog({ user, onClose }: { user: UserRow; onClose: () => void }) {
  const preview = useQuery(erasureQuery(user.user_id))
  const erase = useErase(user.user_id)
  const under_way = preview.data?.under_way ?? false
  const begin = () =>
    erase.mutateAsync().then(
      () => {
        toast.done("The erasure has begun. The journal says when it is done.")
        onClose()
      },
      (thrown) => toast.failed("The erasure has not begun", problemWords(asProblem(thrown))),
    )
  return (
    <ConfirmDialog
      open
      onOpen={(open) => !open && onClose()}
      title={`Erase the content of ${user.name || user.email}?`}
      words={under_way ? "It is being erased. The journal says when it is done." : preview.data?.words}
      verb="Erase for ever"
      disabled={!preview.data || under_way || preview.data.flows + preview.data.conversations === 0}
      onConfirm={begin}
    />
  )
}
