/** The one step towards a real model; given from above, absent while there is no page for it. */
import { createContext, type ReactNode } from "react"

export const AddModelContext = createContext<((words: ReactNode) => ReactNode) | null>(null)
