/** Access tokens: what programs use in my name. */
import { useQuery } from "@tanstack/react-query"
import { KeyRound, Plus } from "lucide-react"
import { useState } from "react"
import { errorState } from "@/api/pages"
import type { TokenView } from "@/api/types"
import { Badge } from "@/ui/badge"
import { Button } from "@/ui/button"
import { Card } from "@/ui/card"
import { ConfirmDialog } from "@/ui/dialog"
import { EmptyState } from "@/ui/states"
import { type Column, DataTable } from "@/ui/table"
import { Time } from "@/ui/time"
import { tokensQuery, useRevokeToken } from "./queries"

const columns: Column<TokenView>[] = [
  { key: "name", title: "Name", cell: (token) => <TokenName token={token} /> },
  {
    key: "scopes",
    title: "Opens",
    cell: (token) => (
      <span className="flex flex-wrap gap-1">
        {token.scopes.map((scope) => (
          <Badge key={scope}>{scope}</Badge>
        ))}
        {token.servers && (
          <Badge tone="info" title={token.servers.join(", ")}>
            {token.servers.length === 1 ? token.servers[0] : `${token.servers.length} servers`}
          </Badge>
        )}
      </span>
    ),
  },
  {
    key: "used",
    title: "Last used",
    from: "sm",
    width: "140px",
    cell: (token) => <Time at={token.last_used_at} />,
  },
  {
    key: "expires",
    title: "Expires",
    from: "sm",
    width: "130px",
    cell: (token) => <Time at={token.expires_at} never="never" />,
  },
  {
    key: "revoke",
    title: "",
    align: "right",
    width: "96px",
    cell: (token) => <RevokeButton token={token} />,
  },
]

/** A phone has no room for the columns of its times: they stand below the name. */
function TokenName({ token }: { token: TokenView }) {
  return (
    <span className="flex flex-col py-1.5">
      <span className="break-words font-medium">{token.name}</span>
      <span className="text-fg-3 text-xs sm:hidden">
        {token.last_used_at ? (
          <>
            used <Time at={token.last_used_at} />
          </>
        ) : (
          "never used"
        )}
        ,{" "}
        {token.expires_at ? (
          <>
            ends <Time at={token.expires_at} />
          </>
        ) : (
          "never ends"
        )}
      </span>
    </span>
  )
}

export function TokensCard({ onCreate }: { onCreate: () => void }) {
  const query = useQuery(tokensQuery)
  const create = (
    <Button size="sm" icon={Plus} onClick={onCreate}>
      New token
    </Button>
  )
  return (
    <Card
      title="Access tokens"
      words="For programs that act in your name. Each sees and may do what you may, no more."
      flush
      actions={query.data && query.data.items.length > 0 ? create : null}
    >
      <DataTable
        label="Access tokens"
        rows={query.data?.items}
        columns={columns}
        rowKey={(token) => token.token_id}
        error={errorState(query)}
        empty={
          <EmptyState
            icon={KeyRound}
            title="No token yet"
            words="Make one for a program or a script that should act in your name."
            className="py-8"
          >
            {create}
          </EmptyState>
        }
      />
    </Card>
  )
}

function RevokeButton({ token }: { token: TokenView }) {
  const [asking, setAsking] = useState(false)
  const revoke = useRevokeToken()
  const confirm = () =>
    revoke.mutateAsync(token.token_id).then(
      () => setAsking(false),
      () => setAsking(false),
    )
  return (
    <>
      <Button size="sm" variant="quiet" onClick={() => setAsking(true)}>
        Revoke
      </Button>
      {asking && (
        <ConfirmDialog
          open
          onOpen={setAsking}
          title={`Revoke the token "${token.name}"?`}
          words="Whatever uses it is refused from now on. This cannot be undone; a new token has a new secret."
          verb="Revoke token"
          onConfirm={confirm}
        />
      )}
    </>
  )
}
