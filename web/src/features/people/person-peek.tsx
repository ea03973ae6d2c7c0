/** A person in short, beside the list: who, credits, a standing block, and what they may use. */
import { useQuery } from "@tanstack/react-query"
import { errorState } from "@/api/pages"
import { Card } from "@/ui/card"
import { ErrorState, Skeleton } from "@/ui/states"
import { BlockBanner } from "./block-banner"
import { AccessTab } from "./person-access"
import { PersonHead } from "./person-head"
import { personQuery } from "./queries"
import { CreditsLeft } from "./words"

export function PersonPeek({ user_id }: { user_id: string }) {
  const query = useQuery(personQuery(user_id))
  const error = errorState(query)
  const user = query.data
  if (!user)
    return error ? (
      <ErrorState title="This person cannot be shown" {...error} />
    ) : (
      <div aria-busy="true" className="flex flex-col gap-4 p-4">
        <Skeleton className="h-10 w-64" />
        <Skeleton className="h-20" />
        <Skeleton className="h-40" />
      </div>
    )
  return (
    <div className="flex flex-col gap-4 p-4">
      <PersonHead user={user} />
      {user.blocked && <BlockBanner user={user} block={user.blocked} />}
      <Card title="Credits left today">
        <CreditsLeft user={user} />
      </Card>
      <AccessTab user={user} />
    </div>
  )
}
