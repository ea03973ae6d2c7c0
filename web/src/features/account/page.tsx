/** One's own account: who I am here, credits, password, sessions. */
import { useMe } from "@/api/me"
import { Card, Fact, Facts } from "@/ui/card"
import { Page } from "@/ui/page"
import { Time } from "@/ui/time"
import { Avatar } from "@/ui/user-chip"
import { CreditsCard } from "./credits-card"
import { PasswordCard } from "./password-card"
import { SessionsCard } from "./sessions-card"

const roles = { admin: "Administrator", auditor: "Auditor", member: "Member" }

export function AccountPage() {
  const { user, role } = useMe()
  return (
    <Page title="Account" words="Who you are here, and where you are signed in." className="max-w-4xl">
      <div className="grid gap-4 md:grid-cols-2">
        <Card title="You">
          <div className="flex items-start gap-3">
            <Avatar name={user.name || user.email} size="lg" />
            <Facts className="flex-1">
              <Fact label="Name">{user.name}</Fact>
              <Fact label="E-mail">{user.email}</Fact>
              <Fact label="Role">{roles[role]}</Fact>
              <Fact label="Since">
                <Time at={user.created_at} />
              </Fact>
            </Facts>
          </div>
        </Card>
        <CreditsCard />
      </div>
      <SessionsCard />
      <PasswordCard />
    </Page>
  )
}
