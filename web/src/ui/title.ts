/** The title of the browser's tab. */
import { useEffect } from "react"

export function useTitle(words: string | null | undefined) {
  useEffect(() => {
    document.title = words ? `${words} \u00b7 omni2` : "omni2"
  }, [words])
}
