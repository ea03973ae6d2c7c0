/** Connect: the address, how each program is set up, what is connected, and access tokens. */
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { errorState } from "@/api/pages"
import { Card } from "@/ui/card"
import { CopyButton } from "@/ui/copy"
import { Page } from "@/ui/page"
import { ErrorState, Skeleton } from "@/ui/states"
import { ProgramsCard } from "./programs-card"
import { connectionQuery } from "./queries"
import { SetupCard } from "./setup-card"
import { TokenDialog } from "./token-dialog"
import { TokensCard } from "./tokens-card"

export function ConnectPage() {
  const connection = useQuery(connectionQuery)
  const [creating, setCreating] = useState<string | null>(null)
  const [secret, setSecret] = useState<string | null>(null)
  const error = errorState(connection)
  return (
    <Page
      title="Connect"
      words="Use your tools from Claude, Cursor, VS Code or any other MCP client: the same access, rules and budget as here."
      className="max-w-4xl"
    >
      {connection.data ? (
        <>
          <Address url={connection.data.url} />
          <SetupCard {...connection.data} secret={secret} onCreate={setCreating} />
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

function Address({ url }: { url: string }) {
  return (
    <Card title="Your address" words="One endpoint for all servers that you may use. Streamable HTTP.">
      <div className="flex items-center gap-1 rounded border bg-sunken py-1.5 pr-1.5 pl-3">
        <code className="min-w-0 flex-1 break-all text-sm">{url}</code>
        <CopyButton value={url} label="Copy address" />
      </div>
      <p className="mt-2 text-fg-3 text-xs">
        <code>{url}/SERVER</code> is one server alone, with its tools under their own names.
      </p>
    </Card>
  )
}
