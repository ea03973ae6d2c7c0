/** Starts exports; what runs them is loaded with the first one. */
import type { ExportAsked } from "@/ui/export"
import { toast } from "@/ui/toast"

export function startExport(asked: ExportAsked, user_id: string) {
  import("./run").then(
    ({ begin }) => begin(asked, user_id),
    () => toast.failed("The export did not start", "omni2 does not answer. Reload the page and try again."),
  )
}
