/** Connect: the address, how each program is set up, what is connected, and access tokens. */
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { accessOfQuery } from "@/api/access"
import { useMe } from "@/api/me"
import { errorState } from "@/api/pages"
import { Card } from "@/ui/card"
import { CopyButton } from "@/ui/copy"
import { Field } from "@/ui/field"
import { Page } from "@/ui/page"
import { Select } from "@/ui/select"
import { ErrorState, Skeleton } from "@/ui/states"
import { addressOf, all_servers } from "./programs"
import { ProgramsCard } from "./programs-card"
import { connectionQuery } from "./queries"
import { SetupCard } from "./setup-card"
import { TokenDialog } from "./token-dialog"
import { TokensCard } from "./tokens-card"

export function ConnectPage() {
  const connection = useQuery(connectionQuery)
  const [creating, setCreating] = useState<string | null>(null)
  const [secret, setSecret] = useState<string | null>(null)
  const [server, setServer] = useState(all_servers)
  const error = errorState(connection)
  return (
    <Page
      title="Connect"
      words="Use your tools from Claude, Cursor, VS Code or any other MCP client: the same access, rules and budget as here."
      className="max-w-4xl"
    >
      {connection.data ? (
        <>
          <Address url={connection.data.url} server={server} onServer={setServer} />
          <SetupCard
            {...connection.data}
            url={addressOf(connection.data.url, server)}
            secret={secret}
            onCreate={setCreating}
          />
        </>
      ) : error ? (
        <ErrorState {...error} />
      ) : (
        <Skeleton className="h-80 rounded" />
      )}
      <ProgramsCard />
      <TokensCard onCreate={() => setCreating("")} />
      {creating !== null && (
        <TokenDialog name={creating} onSecret={setSecret} onDone={() => setCreating(null)} />
      )}
    </Page>
  )
}

interface AddressProps {
  url: string
  server: string
  onServer: (server: string) => void
}

function Address({ url, server, onServer }: AddressProps) {
  const { user } = useMe()
  const { data } = useQuery(accessOfQuery(user.user_id))
  const real = (data?.servers ?? []).filter((one) => one.allowed)
  const mine = [...real, ...(data?.virtual ?? [])]
  const address = addressOf(url, server)
  return (
    <Card title="Your address" words="Streamable HTTP. What is set up below goes to this address.">
      <div className="flex flex-wrap items-end gap-x-4 gap-y-3">
        <Field label="Servers" className="min-w-0 basis-56 max-sm:flex-1">
          <Select
            value={server}
            onValue={onServer}
            options={[
              { value: all_servers, label: "All that I may use" },
              ...mine.map(({ slug, title }) => ({ value: slug, label: `${title} alone` })),
            ]}
          />
        </Field>
        <div className="flex min-w-0 flex-1 basis-72 items-center gap-1 rounded border bg-sunken py-1 pr-1 pl-3">
          <code className="min-w-0 flex-1 break-all text-sm">{address}</code>
          <CopyButton value={address} label="Copy address" />
        </div>
      </div>
      {server !== all_servers && (
        <p className="mt-2 text-fg-3 text-xs">
          Its tools go by their own names here, without the server before them.
        </p>
      )}
    </Card>
  )
}
