/** How an export is started; given from above, so that it goes on when its page is left. */
import { createContext } from "react"
import type { ExportForm } from "@/lib/export-scan"

export interface ExportAsked {
  form: ExportForm
  /** What the form is called. */
  label: string
  /** What is taken out, as parameters of the export. */
  query: Record<string, string>
  /** What that is, in words. */
  what: string
}

export const ExportContext = createContext<(asked: ExportAsked) => void>(() => {})
