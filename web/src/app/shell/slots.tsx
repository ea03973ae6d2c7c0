/** Fills what features need from one another: links to a flow and to the models, the export, and the card of a person. */
import { Link } from "@tanstack/react-router"
import { lazy, type ReactNode, Suspense } from "react"
import { may, useMe } from "@/api/me"
import { startExport } from "@/features/export/start"
import { usePersonDialog } from "@/features/people/block-store"
import { AddModelContext } from "@/ui/add-model-link"
import { type ExportAsked, ExportContext } from "@/ui/export"
import { FlowLinkContext } from "@/ui/flow-link"
import { Skeleton } from "@/ui/states"
import { type Person, UserSlotsContext } from "@/ui/user-chip"

const PersonCard = lazy(() =>
  import("@/features/people/person-card").then(({ PersonCard }) => ({ default: PersonCard })),
)
const PersonDialogs = lazy(() =>
  import("@/features/people/person-dialogs").then(({ PersonDialogs }) => ({ default: PersonDialogs })),
)

const style = "text-fg-2 underline-offset-2 hover:text-fg hover:underline"

const people = {
  card: (person: Person) => (
    <Suspense fallback={<Skeleton className="h-36" />}>
      <PersonCard person={person} />
    </Suspense>
  ),
  link: (person: Person, children: ReactNode) => (
    <Link
      to="/admin/people/$id"
      params={{ id: person.user_id }}
      className="inline-flex min-w-0 max-w-full rounded-sm hover:[&_span:nth-child(2)]:underline"
    >
      {children}
    </Link>
  ),
}

export function Slots({ children }: { children: ReactNode }) {
  const me = useMe()
  const asked = usePersonDialog((state) => state.asked !== null)
  const to_flow = may(me, "flows.read") ? "/admin/flows/$id" : "/flows/$id"
  const flowLink = (flow_id: string, words: ReactNode) => (
    <Link to={to_flow} params={{ id: flow_id }} className={style}>
      {words}
    </Link>
  )
  const takeOut = (asked: ExportAsked) => startExport(asked, me.user.user_id)
  const addModel = (words: ReactNode) => (
    <Link to="/admin/models" search={{ add: true }} className={style}>
      {words}
    </Link>
  )
  return (
    <FlowLinkContext value={flowLink}>
      <AddModelContext value={may(me, "models.manage") ? addModel : null}>
        <UserSlotsContext value={may(me, "users.read") ? people : null}>
          <ExportContext value={takeOut}>{children}</ExportContext>
          {asked && (
            <Suspense>
              <PersonDialogs />
            </Suspense>
          )}
        </UserSlotsContext>
      </AddModelContext>
    </FlowLinkContext>
  )
}
