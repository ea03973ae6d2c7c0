/** Dialogs and sheets that no page needs before somebody opens one: they are loaded then. */
import { type ComponentProps, lazy, Suspense, useState } from "react"
import type { ConfirmDialog as ConfirmNow, Dialog as DialogNow } from "./dialog"
import type { SheetProps } from "./sheet"

const Confirm = lazy(() => import("./dialog").then(({ ConfirmDialog }) => ({ default: ConfirmDialog })))
const Form = lazy(() => import("./dialog").then(({ Dialog }) => ({ default: Dialog })))
const Drawer = lazy(() => import("./sheet").then(({ Sheet }) => ({ default: Sheet })))

export function ConfirmDialog(props: ComponentProps<typeof ConfirmNow>) {
  return (
    <Suspense>
      <Confirm {...props} />
    </Suspense>
  )
}

export function Dialog(props: ComponentProps<typeof DialogNow>) {
  return (
    <Suspense>
      <Form {...props} />
    </Suspense>
  )
}

/** From its first opening on it stays, so that it can move out. */
export function Sheet(props: SheetProps) {
  const [used, setUsed] = useState(props.open)
  if (props.open && !used) setUsed(true)
  return <Suspense>{used && <Drawer {...props} />}</Suspense>
}
