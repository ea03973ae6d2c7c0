/** Credits left today and when they are full again. */
import { useMe } from "@/api/me"
import { credits } from "@/lib/format"
import { Card } from "@/ui/card"
import { Meter } from "@/ui/meter"
import { Time } from "@/ui/time"

export function CreditsCard() {
  const { remaining_micros, limit_micros, resets_at, credit_micros, time_zone } = useMe()
  if (remaining_micros === null || limit_micros === null) {
    return (
      <Card title="Credits">
        <p className="text-fg-2">No limit applies to you.</p>
      </Card>
    )
  }
  const left = credits(remaining_micros, credit_micros)
  const limit = credits(limit_micros, credit_micros)
  return (
    <Card title="Credits today">
      <p className="tabular flex items-baseline gap-1.5">
        <span className="font-semibold text-xl tracking-tight">{left}</span>
        <span className="text-fg-2">left of {limit}</span>
      </p>
      <Meter
        share={limit_micros > 0 ? remaining_micros / limit_micros : 0}
        label={`${left} of ${limit} credits left`}
        className="mt-3"
      />
      {resets_at && (
        <p className="mt-2 text-fg-3 text-xs">
          Full again <Time at={resets_at} /> (days are those of {time_zone}).
        </p>
      )}
    </Card>
  )
}
