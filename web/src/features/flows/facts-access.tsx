/** Facts of the access that held: servers and tools with the rule that decided, read when the card opens. */
import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { snapshotQuery } from "@/api/flows"
import { errorState } from "@/api/pages"
import type { Snapshot, StepData } from "@/api/shapes"
import { plural } from "@/lib/format"
import { Button } from "@/ui/button"
import { Fact, Facts } from "@/ui/card"
import { Chips } from "@/ui/chips"
import { Skeleton } from "@/ui/states"
import { looks, promptChips, resourceChips, serverChips, toolChips } from "./access-chips"

export function AccessFacts({ data }: { data: Extract<StepData, { kind: "mcp_access_check" }> }) {
  return (
    <Resolved access_id={data.access_id}>
      {({ servers }) => (
        <Facts>
          {data.server && (
            <Fact label="Asked for">
              <Chips
                items={[
                  {
                    key: data.server,
                    words: data.server,
                    note: data.rule ? `decided by ${data.rule}` : undefined,
                    ...looks[data.allowed ? "allowed" : "denied"],
                  },
                ]}
              />
            </Fact>
          )}
          <Fact label="Allowed">
            <Chips items={serverChips(servers, "allowed")} />
          </Fact>
          <Fact label="Denied">
            <Chips items={serverChips(servers, "denied")} />
          </Fact>
          {servers.some((server) => server.decision === "unavailable") && (
            <Fact label="Not there">
              <Chips items={serverChips(servers, "unavailable")} />
            </Fact>
          )}
        </Facts>
      )}
    </Resolved>
  )
}

export function FilterFacts({ data }: { data: Extract<StepData, { kind: "tool_filter" }> }) {
  return (
    <Resolved access_id={data.access_id}>
      {({ tools, prompts, resources }) => (
        <Facts>
          <Fact label="Offered">
            <Chips items={toolChips(tools, true)} />
          </Fact>
          <Fact label="Removed">
            <Chips items={toolChips(tools, false)} />
          </Fact>
          {prompts.total > 0 && (
            <Fact label="Prompts">
              <Chips items={promptChips(prompts)} />
            </Fact>
          )}
          {resources.total > 0 && (
            <Fact label="Resources">
              <Chips items={resourceChips(resources)} />
            </Fact>
          )}
          {data.rules.length > 0 && (
            <Fact label={plural(data.rules.length, "rule")}>
              <Chips items={data.rules.map((rule) => ({ key: rule, words: rule }))} />
            </Fact>
          )}
        </Facts>
      )}
    </Resolved>
  )
}

function Resolved({
  access_id,
  children,
}: {
  access_id: string
  children: (snapshot: Snapshot) => ReactNode
}) {
  const query = useQuery(snapshotQuery(access_id))
  const error = errorState(query)
  if (query.data) return children(query.data)
  if (error)
    return (
      <p role="alert" className="text-bad">
        {error.words}{" "}
        <Button variant="link" size="inline" onClick={error.onRetry}>
          Retry
        </Button>
      </p>
    )
  return (
    <div aria-busy="true" className="flex flex-col gap-2">
      <Skeleton className="h-5 w-80 max-w-full" />
      <Skeleton className="h-5 w-56 max-w-full" />
    </div>
  )
}
