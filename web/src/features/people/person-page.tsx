/** One person: what they may use and why, their credits, their flows, the blocks of the past. */
import { useQuery } from "@tanstack/react-query"
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router"
import { ArrowLeft } from "lucide-react"
import type { ReactNode } from "react"
import { may, useMe } from "@/api/me"
import { errorState } from "@/api/pages"
import type { UserRow } from "@/api/types"
import { Icon } from "@/ui/icon"
import { backStyle, DetailPage } from "@/ui/page"
import { ErrorState, Skeleton } from "@/ui/states"
import { TabPanel, Tabs } from "@/ui/tabs"
import { BlockBanner } from "./block-banner"
import { AccessTab } from "./person-access"
import { BlocksTab } from "./person-blocks"
import { BudgetTab } from "./person-budget"
import { PersonHead } from "./person-head"
import { personQuery } from "./queries"

const route = getRouteApi("/shell/admin/people/$id")

interface PersonPageProps {
  /** What another feature shows of this person. */
  flows: (user_id: string) => ReactNode
  grants: (user: UserRow) => ReactNode
}

export function PersonPage({ flows, grants }: PersonPageProps) {
  const { id } = route.useParams()
  const query = useQuery(personQuery(id))
  const error = errorState(query)
  return (
    <DetailPage>
      <Link to="/admin/people" className={backStyle}>
        <Icon of={ArrowLeft} size={14} />
        People
      </Link>
      {query.data ? (
        <>
          <PersonHead user={query.data} />
          {query.data.blocked && <BlockBanner user={query.data} block={query.data.blocked} />}
          <PersonTabs user={query.data} flows={flows} grants={grants} />
        </>
      ) : error ? (
        <ErrorState title="This person cannot be shown" {...error} />
      ) : (
        <HeadSkeleton />
      )}
    </DetailPage>
  )
}

function PersonTabs({ user, flows, grants }: PersonPageProps & { user: UserRow }) {
  const { tab = "access" } = route.useSearch()
  const navigate = useNavigate({ from: "/admin/people/$id" })
  const me = useMe()
  return (
    <Tabs
      label="About this person"
      value={tab}
      onValue={(next) =>
        void navigate({ search: { tab: next === "access" ? undefined : next }, replace: true })
      }
      tabs={[
        { value: "access", label: "Access" },
        { value: "budget", label: "Budget" },
        { value: "flows", label: "Flows" },
        { value: "blocks", label: "Blocks" },
      ]}
    >
      <TabPanel value="access" className="flex flex-col gap-4">
        <AccessTab user={user} />
        {may(me, "grants.read") && grants(user)}
      </TabPanel>
      <TabPanel value="budget">
        <BudgetTab user={user} />
      </TabPanel>
      <TabPanel value="flows">{flows(user.user_id)}</TabPanel>
      <TabPanel value="blocks">
        <BlocksTab user={user} />
      </TabPanel>
    </Tabs>
  )
}

function HeadSkeleton() {
  return (
    <div aria-busy="true" className="flex flex-col gap-6">
      <div className="flex items-center gap-4">
        <Skeleton className="size-9 rounded-full" />
        <div className="flex flex-col gap-2">
          <Skeleton className="h-5 w-48" />
          <Skeleton className="h-4 w-72" />
        </div>
      </div>
      <Skeleton className="h-8 w-80 max-w-full" />
      <Skeleton className="h-40" />
    </div>
  )
}
