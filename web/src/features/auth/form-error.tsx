/** What is wrong with the whole form, above its button. */
import { CircleAlert } from "lucide-react"
import { Icon } from "@/ui/icon"

export function FormError({ words }: { words: string | null }) {
  if (!words) return null
  return (
    <p role="alert" className="flex items-start gap-2 rounded bg-bad-soft px-3 py-2 text-bad">
      <Icon of={CircleAlert} className="mt-px" />
      {words}
    </p>
  )
}
