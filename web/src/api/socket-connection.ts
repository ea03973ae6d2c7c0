/** Ties a connection to the life of the component that needs it. */
import { useEffect } from "react"

export function useConnection(connect: () => () => void) {
  useEffect(connect, [connect])
}
