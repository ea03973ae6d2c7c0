/** How a record of what happened is linked to; given from above, absent while there is no such page. */
import { createContext, type ReactNode } from "react"

export const FlowLinkContext = createContext<((flow_id: string, words: ReactNode) => ReactNode) | null>(null)
